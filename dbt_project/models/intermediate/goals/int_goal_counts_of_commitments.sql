-- A commitment counts on the day it was due, once it is kept or that day is over: before, it is open.
with
    due as (
        select goals.goal_id, goals.version, commitments.due_on as day, commitments.is_kept_in_time
        from {{ ref('int_goals_dated') }} as goals
        inner join
            {{ ref('relationships__commitments') }} as commitments
            on commitments.due_on between goals.starts_on and goals.last_day
        where
            goals.mart = 'relationships.commitments'
            and commitments.state <> 'open'
            and {{ passes_filters('commitments', ['relationship', 'partner']) }}
    )

select goal_id, version, day, 'commitments_due' as measure, cast(1 as decimal(38, 15)) as amount
from due

union all

select goal_id, version, day, 'commitments_kept' as measure, cast(1 as decimal(38, 15)) as amount
from due
where is_kept_in_time
