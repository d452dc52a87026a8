-- Each day as the goal was defined then; the last one as plan.yml says now.
with standing as (
    select
        goals.objective_id,
        measured.goal_id,
        measured.version,
        measured.day,
        measured.kpi,
        measured.baseline,
        measured.target,
        measured.actual,
        measured.expected
    from {{ ref('int_goals_measured') }} as measured
    inner join {{ ref('int_goals_dated') }} as goals
        on goals.goal_id = measured.goal_id
        and goals.version = measured.version
    where (goals.is_current and measured.day = goals.last_day)
        or (
            measured.day >= coalesce(goals.in_force_from, measured.day)
            and (goals.in_force_until is null or measured.day < goals.in_force_until)
        )
    qualify row_number() over (
        partition by measured.goal_id, measured.day
        order by case when goals.is_current and measured.day = goals.last_day then 0 else 1 end, measured.version desc
    ) = 1
),

-- A change that was made when the goal was over is told on its last day.
moved as (
    select
        definitions.goal_id,
        least(definitions.first_seen_on, goals.last_day) as day,
        {{ dbt.listagg('definitions.what_moved', "'; '", 'order by definitions.version') }} as what_moved
    from {{ ref('goals__definitions') }} as definitions
    inner join {{ ref('int_goals_dated') }} as goals
        on goals.goal_id = definitions.goal_id
        and goals.is_current
    where definitions.is_moved_while_running
    group by definitions.goal_id, least(definitions.first_seen_on, goals.last_day)
)

select
    standing.objective_id,
    standing.goal_id,
    standing.day,
    standing.kpi,
    cast(standing.baseline as {{ type_double() }}) as baseline,
    cast(standing.target as {{ type_double() }}) as target,
    cast(standing.actual as {{ type_double() }}) as actual,
    cast(standing.expected as {{ type_double() }}) as expected,
    standing.version,
    moved.what_moved
from standing
inner join {{ ref('int_goals_dated') }} as in_plan
    on in_plan.goal_id = standing.goal_id
    and in_plan.is_current
left join moved
    on moved.goal_id = standing.goal_id
    and moved.day = standing.day
