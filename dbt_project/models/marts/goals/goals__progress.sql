with
    moved as (
        select
            goal_id,
            max(first_seen_on) as moved_on,
            {{ dbt.listagg("cast(first_seen_on as " ~ dbt.type_string() ~ ") || ': ' || what_moved", "'; '", 'order by version') }}
            as what_moved
        from {{ ref('goals__definitions') }}
        where is_moved_while_running
        group by goal_id
    ),

    measured_goals as (
        select
            goals.*,
            goals.kpi is null
            or goals.target is null
            or goals.baseline is null
            or goals.owner is null
            or goals.starts_on is null
            or goals.ends_on is null
            or ambiguous.goal_id is not null as is_undefined,
            goals.as_of < goals.starts_on as is_ahead,
            goals.as_of > goals.ends_on as is_over,
            case when ambiguous.goal_id is null then measured.actual end as actual,
            measured.expected,
            measured.is_unproven,
            moved.moved_on,
            moved.what_moved
        from {{ ref('int_goals_dated') }} as goals
        left join
            {{ ref('int_goals_measured') }} as measured
            on measured.goal_id = goals.goal_id
            and measured.version = goals.version
            and measured.day = goals.last_day
        left join
            {{ ref('int_goals_ambiguous') }} as ambiguous
            on ambiguous.goal_id = goals.goal_id
            and ambiguous.version = goals.version
        left join moved on moved.goal_id = goals.goal_id
        where goals.is_current
    ),

    attained as (select *, (actual - baseline) / (target - baseline) as attainment from measured_goals)

select
    objective_id,
    goal_id,
    kpi,
    owner,
    starts_on,
    ends_on,
    cast(baseline as {{ type_double() }}) as baseline,
    cast(target as {{ type_double() }}) as target,
    cast(actual as {{ type_double() }}) as actual,
    cast(attainment as {{ type_double() }}) as attainment,
    cast(expected as {{ type_double() }}) as expected_by_now,
    evidence,
    case
        when is_undefined
        then 'undefined'
        when is_ahead
        then 'not started'
        when is_unproven
        then 'unproven'
        when attainment >= 1 and (accumulates or is_over)
        then 'met'
        when is_over
        then 'missed'
        when better = 'higher' and actual >= expected
        then 'on track'
        when better = 'lower' and actual <= expected
        then 'on track'
        else 'behind'
    end as status,
    moved_on,
    what_moved,
    as_of
from attained
