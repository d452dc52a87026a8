select
    goal_id,
    dimension,
    -- Platforms are compared in lower case everywhere.
    case when dimension = 'platform' then lower(value) else value end as value
from {{ source('plan', 'goal_filters') }}
