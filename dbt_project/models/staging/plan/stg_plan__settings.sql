select
    programme,
    currency,
    timezone,
    lookback_days,
    attribution_model,
    as_of
from {{ source('plan', 'settings') }}
