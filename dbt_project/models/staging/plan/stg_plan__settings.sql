select
    programme,
    currency,
    timezone,
    lookback_days,
    attribution_model,
    self_purchases,
    renewals,
    commission_costs,
    identity_limit,
    markov_repeats
from {{ source('plan', 'settings') }}
