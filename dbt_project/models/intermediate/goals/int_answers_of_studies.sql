{{ config(materialized='view') }}
-- What the next brand lift study of a goal is planned from: how many of the control said yes in the newest one that the
-- goal can count. The exposed do not count, because they may have been moved.
with
    studies as (
        select
            goals.measure,
            cast(
                {{ dbt.datediff('answers.first_answered_on', 'answers.last_answered_on', 'day') }} + 1 as bigint
            ) as days,
            answers.control_n,
            answers.control_yes,
            answers.exposed_n + answers.control_n as units_available
        from {{ ref('int_goals_to_prove') }} as goals
        inner join {{ ref('int_goals_dated') }} as versions on versions.goal_id = goals.goal_id and versions.is_current
        inner join
            {{ ref('int_goal_experiments') }} as compared
            on compared.goal_id = versions.goal_id
            and compared.version = versions.version
        inner join
            {{ ref('results__brand_lift') }} as answers
            on answers.study_id = compared.study_id
            and answers.question = compared.question
        where goals.is_study and answers.stratum = 'all' and answers.control_n > 0 and answers.verdict <> 'invalid'
        qualify
            row_number() over (
                partition by goals.goal_id
                order by answers.last_answered_on desc nulls last, answers.study_id, answers.question
            )
            = 1
    )

select measure, days, cast(1 as {{ type_double() }}) as value, control_yes as units, units_available
from studies
where control_yes > 0
union all
select measure, days, cast(0 as {{ type_double() }}) as value, control_n - control_yes as units, units_available
from studies
where control_n > control_yes
