-- Days of each goal that its chart and table show: all of a short goal; of a longer one the last of each week, the first
-- and the last, and those on which something moved.
select goal_id, day, actual, expected, target, what_moved
from goals.history
qualify
    count(*) over (partition by goal_id) <= 45
    or what_moved is not null
    or dayofweek(day) = 0
    or day in (min(day) over (partition by goal_id), max(day) over (partition by goal_id))
order by goal_id, day
