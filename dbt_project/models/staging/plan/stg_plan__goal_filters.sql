select
    goal_id,
    dimension,
    value
from {{ source('plan', 'goal_filters') }}
