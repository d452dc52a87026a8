with measured as (
    select
        goals.*,
        case
            when goals.is_ahead or goals.ends_on is null or goals.starts_on is null then null
            when goals.denominator is not null then numerators.value / nullif(denominators.value, 0)
            when goals.numerator is not null then coalesce(numerators.value, 0)
        end as actual,
        -- What accumulates starts from 0 on the first day; a level starts from its baseline.
        case
            when goals.is_ahead then null
            when goals.accumulates then goals.target * goals.elapsed_ratio
            else goals.baseline + (goals.target - goals.baseline) * goals.elapsed_ratio
        end as expected_by_now
    from {{ ref('int_goals_defined') }} as goals
    left join {{ ref('int_goal_measures') }} as numerators
        on numerators.goal_id = goals.goal_id
        and numerators.measure = goals.numerator
    left join {{ ref('int_goal_measures') }} as denominators
        on denominators.goal_id = goals.goal_id
        and denominators.measure = goals.denominator
),

attained as (
    select
        *,
        (actual - baseline) / (target - baseline) as attainment
    from measured
)

select
    objective_id,
    goal_id,
    kpi,
    starts_on,
    ends_on,
    cast(baseline as {{ type_double() }}) as baseline,
    cast(target as {{ type_double() }}) as target,
    cast(actual as {{ type_double() }}) as actual,
    cast(attainment as {{ type_double() }}) as attainment,
    cast(expected_by_now as {{ type_double() }}) as expected_by_now,
    evidence,
    case
        when is_undefined then 'undefined'
        when is_ahead then 'not started'
        when evidence = 'experiment' then 'unproven'
        when attainment >= 1 and (accumulates or is_over) then 'met'
        when is_over then 'missed'
        when better = 'higher' and actual >= expected_by_now then 'on track'
        when better = 'lower' and actual <= expected_by_now then 'on track'
        else 'behind'
    end as status,
    as_of
from attained
