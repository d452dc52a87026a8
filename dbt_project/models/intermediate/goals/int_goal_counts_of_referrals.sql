-- People are those known by a day, also from before the goal: they count on its first day.
select
    goals.goal_id,
    goals.version,
    greatest(coalesce(daily.day, goals.starts_on), goals.starts_on) as day,
    'people' as measure,
    cast(daily.new_people as decimal(38, 15)) as amount
from {{ ref('int_goals_dated') }} as goals
inner join {{ ref('results__referral_daily') }} as daily on coalesce(daily.day, goals.starts_on) <= goals.last_day
where goals.mart = 'results.referral_daily'

union all

select
    goals.goal_id,
    goals.version,
    daily.day,
    'registered' as measure,
    cast(daily.registered as decimal(38, 15)) as amount
from {{ ref('int_goals_dated') }} as goals
inner join {{ ref('results__referral_daily') }} as daily on daily.day between goals.starts_on and goals.last_day
where goals.mart = 'results.referral_daily'
