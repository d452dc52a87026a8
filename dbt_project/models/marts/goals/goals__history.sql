-- Each day as the goal was defined then; the last one as plan.yml defines it now.
with
    days as (
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
        inner join
            {{ ref('int_goals_dated') }} as goals
            on goals.goal_id = measured.goal_id
            and goals.version = measured.version
        where
            (goals.is_current and measured.day = goals.last_day)
            or (
                measured.day >= coalesce(goals.in_force_from, measured.day)
                and (goals.in_force_until is null or measured.day < goals.in_force_until)
            )
        qualify
            row_number() over (
                partition by measured.goal_id, measured.day
                order by
                    case when goals.is_current and measured.day = goals.last_day then 0 else 1 end,
                    measured.version desc
            )
            = 1
    ),

    -- A change that was made when the goal was over is shown on its last day.
    moved as (
        select
            definitions.goal_id,
            least(definitions.first_seen_on, goals.last_day) as day,
            {{ dbt.listagg('definitions.what_moved', "'; '", 'order by definitions.version') }} as what_moved
        from {{ ref('goals__definitions') }} as definitions
        inner join {{ ref('int_goals_dated') }} as goals on goals.goal_id = definitions.goal_id and goals.is_current
        where definitions.is_moved_while_running
        group by definitions.goal_id, least(definitions.first_seen_on, goals.last_day)
    )

select
    days.objective_id,
    days.goal_id,
    days.day,
    days.kpi,
    cast(days.baseline as {{ type_double() }}) as baseline,
    cast(days.target as {{ type_double() }}) as target,
    cast(days.actual as {{ type_double() }}) as actual,
    cast(days.expected as {{ type_double() }}) as expected,
    days.version,
    moved.what_moved
from days
inner join {{ ref('int_goals_dated') }} as in_plan on in_plan.goal_id = days.goal_id and in_plan.is_current
left join moved on moved.goal_id = days.goal_id and moved.day = days.day
