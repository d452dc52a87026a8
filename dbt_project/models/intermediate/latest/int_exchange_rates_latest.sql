{{ latest_rows('exchange_rates', key=['currency', 'valid_on'], feeds=[
    ref('stg_extracts__exchange_rates'),
    ref('stg_ecb__exchange_rates'),
]) }}
