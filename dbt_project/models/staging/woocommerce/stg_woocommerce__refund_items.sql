with
    listed as (
        select *, {{ woocommerce_refunds('refund_items') }} as item
        from {{ ref('stg_woocommerce__delivered_rows') }}
        where refund_items is not null
    ),

    itemised as (
        select
            *,
            {{ woocommerce_refund_amount('item') }} as amount_text,
            {{ woocommerce_refund_date('item') }} as date_text
        from listed
    )

select
    shop,
    order_id,
    {{ as_timestamp('date_text') }} as refunded_at,
    abs({{ as_money('amount_text') }}) as paid_back,
    net,
    tax,
    shipping,
    total,
    currency,
    {{ provenance() }}
from itemised
