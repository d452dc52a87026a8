select
    objective_id,
    goal_id,
    kpi,
    target,
    baseline,
    owner,
    starts_on,
    ends_on,
    evidence,
    position
from {{ source('plan', 'goals') }}
