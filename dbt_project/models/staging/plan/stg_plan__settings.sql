select
    programme,
    currency,
    timezone,
    lookback_days,
    attribution_model,
    self_purchases,
    renewals,
    commission_costs,
    identity_limit
from {{ source('plan', 'settings') }}
