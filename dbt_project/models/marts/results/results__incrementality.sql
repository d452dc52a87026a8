with
    arms as (
        select experiment_id, arm, units
        from {{ ref('int_experiment_arms') }}
        where arm <> 'control'

        union all

        -- An experiment without a treatment arm is shown, too.
        select experiment_id, '(no arm)' as arm, 0 as units
        from {{ ref('int_experiments_known') }}
        where experiment_id not in (select experiment_id from {{ ref('int_experiment_arms') }} where arm <> 'control')
    ),

    campaign_costs as (
        select experiments.experiment_id, cast(sum(costs.amount) as decimal(18, 2)) as cost
        from {{ ref('int_experiments_known') }} as experiments
        inner join
            {{ ref('int_costs_priced') }} as costs
            on costs.campaign_id = experiments.campaign_id
            and costs.paid_on between experiments.starts_on and experiments.ends_on
        group by experiments.experiment_id
    ),

    judged as (
        select
            experiments.experiment_id,
            arms.arm,
            experiments.design,
            case when effects.effect_per_unit is not null then effects.method end as method,
            experiments.kpi,
            experiments.campaign_id,
            experiments.statement,
            experiments.starts_on,
            experiments.ends_on,
            cast(coalesce(effects.units, arms.units) as bigint) as units,
            checked.control_units,
            effects.days,
            effects.arm_mean,
            effects.control_mean,
            effects.effect_per_unit,
            effects.relative_lift,
            effects.incremental_total,
            effects.ci_low,
            effects.ci_high,
            effects.p_value,
            effects.p_value_adjusted,
            effects.detectable_effect,
            effects.pre_fit,
            checked.sample_ratio_p_value,
            checked.units_in_two_arms,
            checked.outcomes_before_start,
            case
                when experiments.is_running
                then 'running'
                when checked.problem is not null
                then 'invalid'
                when checked.units = 0
                then 'no outcomes'
                else coalesce(effects.verdict, 'too few units')
            end as verdict,
            nullif(
                concat_ws(
                    '; ',
                    case
                        when experiments.is_running
                        then
                            'its last day is '
                            || experiments.ends_on
                            || '; until it is over nobody may stop because it looks good'
                    end,
                    checked.problem,
                    case
                        when not experiments.is_running and checked.units = 0
                        then 'no outcome was delivered: add an entry that feeds experiment_outcomes'
                    end,
                    effects.reason,
                    case
                        when effects.p_value < 0.05 and effects.p_value_adjusted >= 0.05
                        then 'by itself; adjusted for the number of arms the p-value is 0.05 or more'
                    end,
                    case
                        when effects.p_value is not null and experiments.ends_on is null
                        then
                            'it has no last day (ends_on), so nobody can say whether it was looked at early, and it counts only for a goal that names it'
                    end
                ),
                ''
            ) as reason,
            costs.cost,
            count(*) over (partition by experiments.experiment_id) as arms
        from arms
        inner join {{ ref('int_experiments_known') }} as experiments on experiments.experiment_id = arms.experiment_id
        inner join {{ ref('int_experiments_checked') }} as checked on checked.experiment_id = arms.experiment_id
        left join
            {{ ref('int_experiment_effects') }} as effects
            on effects.experiment_id = arms.experiment_id
            and effects.arm = arms.arm
        left join campaign_costs as costs on costs.experiment_id = arms.experiment_id
    )

select
    experiment_id,
    arm,
    design,
    method,
    kpi,
    campaign_id,
    statement,
    starts_on,
    ends_on,
    units,
    control_units,
    days,
    arm_mean,
    control_mean,
    effect_per_unit,
    relative_lift,
    incremental_total,
    ci_low,
    ci_high,
    p_value,
    p_value_adjusted,
    detectable_effect,
    pre_fit,
    sample_ratio_p_value,
    units_in_two_arms,
    outcomes_before_start,
    verdict,
    reason,
    -- What a campaign cost is not known by arm.
    case when arms = 1 then cost end as cost,
    case
        when
            arms = 1
            and lower(kpi) in ('net_revenue', 'revenue')
            and verdict in ('lift', 'no lift shown', 'loss')
            and cost > 0
        then incremental_total / cast(cost as {{ type_double() }})
    end as iroas
from judged
