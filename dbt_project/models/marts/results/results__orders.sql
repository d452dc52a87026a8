with
    winners as (
        select shop, order_id, evidence, partner_id, campaign_id, matched_by
        from {{ ref('int_touches_counted') }}
        where nth_by_evidence = 1
    )

select
    orders.shop,
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.ordered_on,
    cast(orders.net - orders.refunded as decimal(18, 2)) as net_revenue,
    orders.refunded,
    cast(orders.net - orders.refunded - coalesce(orders.cost_of_goods, 0) as decimal(18, 2)) as contribution_margin,
    orders.cost_of_goods is not null as has_cost_of_goods,
    orders.is_new_customer,
    orders.is_paid,
    coalesce(orders.is_renewal, false) as is_renewal,
    orders.channel,
    orders.region,
    coalesce(winners.evidence, 'none') as evidence,
    winners.partner_id,
    winners.campaign_id,
    winners.matched_by
from {{ ref('int_orders_sold') }} as orders
left join winners on winners.shop = orders.shop and winners.order_id = orders.order_id
