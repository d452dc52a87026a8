select goal_id, kpi, design, detectable_relative_lift, units_per_arm, days, is_feasible, reason
from goals.experiments_needed
