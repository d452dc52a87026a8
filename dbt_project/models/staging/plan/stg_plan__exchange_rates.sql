select currency, rate from {{ source('plan', 'exchange_rates') }}
