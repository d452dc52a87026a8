{{ config(meta={'dagster': {'ref': {'name': 'results__credits'}}}) }}
-- Per order and attribution model the ratios sum to 1 and the revenue to the order's net revenue, to the cent.
select
    credits.shop,
    credits.order_id,
    credits.attribution_model,
    sum(credits.credit_ratio) as credit_ratios,
    sum(credits.credited_revenue) as credited_revenue,
    max(orders.net_revenue) as net_revenue
from {{ ref('results__credits') }} as credits
left join {{ ref('results__orders') }} as orders
    on orders.shop = credits.shop
    and orders.order_id = credits.order_id
group by credits.shop, credits.order_id, credits.attribution_model
having coalesce(sum(credits.credited_revenue) <> max(orders.net_revenue), true)
    or abs(sum(credits.credit_ratio) - 1) > 1e-9
