select
    goal_id,
    kpi,
    asked_on,
    design,
    detectable_relative_lift,
    units_per_arm,
    regions,
    days,
    false_positive_ratio,
    is_feasible,
    reason
from {{ source('plan', 'planned_experiments') }}
