-- A median is no sum: it is computed for every day, over what was asked and answered by then.
with
    answers as (
        select
            goals.goal_id,
            goals.version,
            {{ day_in_zone('requests.answered_at', 'settings.timezone') }} as answered_on,
            requests.answer_hours
        from {{ ref('int_goals_dated') }} as goals
        cross join {{ ref('stg_plan__settings') }} as settings
        inner join
            {{ ref('relationships__requests') }} as requests
            on requests.asked_on between goals.starts_on and goals.last_day
        where
            goals.mart = 'relationships.requests'
            and requests.is_answered
            and {{ passes_filters('requests', ['relationship', 'partner']) }}
    )

select days.goal_id, days.version, days.day, median(answers.answer_hours) as level
from {{ ref('int_goal_calendar') }} as days
inner join
    answers on answers.goal_id = days.goal_id and answers.version = days.version and answers.answered_on <= days.day
group by days.goal_id, days.version, days.day
