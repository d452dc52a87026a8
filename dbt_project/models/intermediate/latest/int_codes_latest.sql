{{ latest_rows('codes', key=['code', 'valid_from'], feeds=[
    ref('stg_extracts__codes'),
    ref('stg_shopify__codes'),
]) }}
