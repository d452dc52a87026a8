{{ config(meta={'dagster': {'ref': {'name': 'int_refunds_priced'}}}, severity='warn') }}
-- A refund whose order was never delivered cannot be taken back from anybody; its money is in no mart. Nor is that of
-- a refund of which only the head was delivered, without its goods and adjustments.
select
    refunds._file
    || ', record '
    || refunds._row
    || ': refund '
    || refunds.refund_id
    || ' of order '
    || refunds.order_id
    || ' (shop '
    || refunds.shop
    || case
        when orders.order_id is null then '), which no delivery has' else '), of which no delivery has the amount'
    end as problem
from {{ ref('int_refunds_priced') }} as refunds
left join {{ ref('int_orders_priced') }} as orders on orders.shop = refunds.shop and orders.order_id = refunds.order_id
where orders.order_id is null or refunds.amount is null
