with
    own as (
        select touches.shop, touches.order_id, touches.partner_id, touches.evidence
        from {{ ref('int_touches_found') }} as touches
        inner join {{ ref('stg_plan__evidence_order') }} as ranks on ranks.evidence = touches.evidence
        where touches.is_self_purchase
        qualify
            row_number() over (
                partition by touches.shop, touches.order_id, touches.partner_id
                order by ranks.evidence_rank, touches.touch_id
            )
            = 1
    )

select
    own.shop,
    own.order_id,
    orders.ordered_on,
    own.partner_id,
    own.evidence,
    cast(orders.net - orders.refunded as decimal(18, 2)) as net_revenue
from own
inner join {{ ref('int_orders_sold') }} as orders on orders.shop = own.shop and orders.order_id = own.order_id
