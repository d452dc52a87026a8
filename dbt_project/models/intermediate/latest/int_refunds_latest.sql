{{ latest_rows('refunds', key=['shop', 'refund_id'], feeds=[
    ref('stg_extracts__refunds'),
    ref('stg_shopify__refunds'),
    ref('stg_shopify_tables__refunds'),
    ref('stg_stripe__refunds'),
    ref('stg_woocommerce__refunds'),
]) }}
