select detectable_relative_lift, units_per_arm, reason
from goals.experiments_needed
where goal_id = $goal and design = 'survey'
order by detectable_relative_lift
