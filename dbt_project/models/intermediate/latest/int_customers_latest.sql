{{ latest_rows('customers', key=['shop', 'customer_id'], feeds=[
    ref('stg_extracts__customers'),
    ref('stg_shopify__customers'),
]) }}
