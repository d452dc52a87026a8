with
    arms as (
        select
            experiment_id,
            cast(sum(units) as bigint) as units,
            cast(sum(case when arm = 'control' then units else 0 end) as bigint) as control_units,
            max(case when arm = 'control' then declared_ratio end) as control_ratio,
            count(*) filter (where units > 0 and coalesce(declared_ratio, 0) <= 0) as arms_without_share
        from {{ ref('int_experiment_arms') }}
        group by experiment_id
    ),

    units as (
        select
            experiment_id,
            cast(sum(values_before_start) as bigint) as outcomes_before_start,
            cast(sum(values_without_day) as bigint) as outcomes_without_day
        from {{ ref('int_experiment_units') }}
        group by experiment_id
    ),

    moved as (
        select experiment_id, count(*) as units_in_two_arms
        from {{ ref('int_units_in_two_arms') }}
        group by experiment_id
    ),

    facts as (
        select
            experiments.experiment_id,
            experiments.design,
            experiments.starts_on,
            experiments.ends_on,
            experiments.is_declared,
            experiments.is_running,
            coalesce(arms.units, 0) as units,
            coalesce(arms.control_units, 0) as control_units,
            arms.control_ratio,
            coalesce(arms.arms_without_share, 0) as arms_without_share,
            coalesce(moved.units_in_two_arms, 0) as units_in_two_arms,
            -- A geo experiment needs the days before: they show what its regions do without treatment.
            case
                when experiments.design = 'randomised' then coalesce(units.outcomes_before_start, 0) else 0
            end as outcomes_before_start,
            coalesce(units.outcomes_without_day, 0) as outcomes_without_day,
            -- Regions are too few, and too unequal, for their number to mean anything.
            case when experiments.design = 'randomised' then ratios.sample_ratio_p_value end as sample_ratio_p_value
        from {{ ref('int_experiments_known') }} as experiments
        left join arms on arms.experiment_id = experiments.experiment_id
        left join units on units.experiment_id = experiments.experiment_id
        left join moved on moved.experiment_id = experiments.experiment_id
        left join {{ ref('int_sample_ratios_compared') }} as ratios on ratios.experiment_id = experiments.experiment_id
    )

select
    *,
    nullif(
        concat_ws(
            '; ',
            case when not is_declared then 'it has outcomes, but no delivery of experiments declares it' end,
            case when ends_on < starts_on then 'it ends before it starts' end,
            case when units > 0 and control_units = 0 then 'no unit is in the arm control' end,
            case when units > 0 and control_units = units then 'every unit is in the arm control' end,
            case
                when units_in_two_arms > 0 then {{ readable_count('units_in_two_arms') }} || ' units are in two arms'
            end,
            case
                when outcomes_before_start > 0
                then {{ readable_count('outcomes_before_start') }} || ' outcomes are from before it started'
            end,
            case
                when design = 'randomised' and arms_without_share > 0
                then 'arm_shares gives ' || arms_without_share || ' arms with units no share above 0'
            end,
            case
                when sample_ratio_p_value < {{ var('least_sample_ratio_p_value') }}
                then
                    'sample ratio mismatch: '
                    || {{ readable_count('control_units') }}
                    || ' of '
                    || {{ readable_count('units') }}
                    || ' units are in control, where '
                    || cast(round(100 * control_ratio, 1) as {{ dbt.type_string() }})
                    || ' % belong'
            end,
            case
                when design = 'geo' and (starts_on is null or ends_on is null)
                then 'a geo experiment needs its first and its last day'
            end,
            case
                when design = 'geo' and outcomes_without_day > 0
                then
                    {{ readable_count('outcomes_without_day') }}
                    || ' outcomes have no day, which a geo experiment compares'
            end
        ),
        ''
    ) as problem
from facts
