select goal_id, kpi, status, baseline, target, actual, expected_by_now, attainment, evidence, owner, ends_on
from goals.progress
