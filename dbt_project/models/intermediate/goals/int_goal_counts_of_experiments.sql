-- What only a comparison shows: effects of experiments and brand lift studies on the goal's days.
select goal_id, version, day, measure, study_id, question, cast(amount as decimal(38, 15)) as amount
from {{ ref('int_goal_experiments') }}
where is_counted
