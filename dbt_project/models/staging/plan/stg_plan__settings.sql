select programme, currency, timezone, lookback_days, attribution_model from {{ source('plan', 'settings') }}
