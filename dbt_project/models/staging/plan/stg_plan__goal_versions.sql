select
    objective_id,
    goal_id,
    version,
    is_current,
    first_seen_on,
    kpi,
    target,
    baseline,
    owner,
    starts_on,
    ends_on,
    evidence,
    narrowed_to,
    position
from {{ source('plan', 'goal_versions') }}
