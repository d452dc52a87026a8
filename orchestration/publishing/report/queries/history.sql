-- Days of each goal for its chart and table: all days of up to 45; of longer goals the last of each week, the first and
-- the last, and days on which the goal was changed.
select goal_id, day, actual, expected, target, what_moved
from goals.history
qualify
    count(*) over (partition by goal_id) <= 45
    or what_moved is not null
    or dayofweek(day) = 0
    or day in (min(day) over (partition by goal_id), max(day) over (partition by goal_id))
order by goal_id, day
