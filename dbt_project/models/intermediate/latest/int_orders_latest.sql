{{ latest_rows('orders', key=['shop', 'order_id'], feeds=[
    ref('stg_extracts__orders'),
    ref('stg_shopify__orders'),
    ref('stg_shopify_tables__orders'),
    ref('stg_stripe__orders'),
    ref('stg_woocommerce__orders'),
]) }}
