{{ config(meta={'dagster': {'ref': {'name': 'int_refunds_priced'}}}, severity='warn') }}
-- A refund whose order was never delivered cannot be taken back from anybody; its money is in no mart.
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
    || '), which no delivery has' as problem
from {{ ref('int_refunds_priced') }} as refunds
left join {{ ref('int_orders_priced') }} as orders on orders.shop = refunds.shop and orders.order_id = refunds.order_id
where orders.order_id is null
