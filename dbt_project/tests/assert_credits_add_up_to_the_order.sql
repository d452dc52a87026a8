{{ config(meta={'dagster': {'ref': {'name': 'results__credits'}}}) }}
-- An order with evidence has credits under each attribution model, of which the ratios sum to 1 and the revenue to the
-- order's net revenue, to the cent; an order without evidence has none.
with by_model as (
    select
        shop,
        order_id,
        attribution_model,
        sum(credit_ratio) as credit_ratios,
        sum(credited_revenue) as credited_revenue
    from {{ ref('results__credits') }}
    group by shop, order_id, attribution_model
),

by_order as (
    select
        shop,
        order_id,
        count(credited_revenue) as models,
        max(abs(credit_ratios - 1)) as most_off,
        min(credited_revenue) as least_credited,
        max(credited_revenue) as most_credited
    from by_model
    group by shop, order_id
)

select
    coalesce(orders.shop, by_order.shop) as shop,
    coalesce(orders.order_id, by_order.order_id) as order_id,
    orders.evidence,
    orders.net_revenue,
    by_order.models,
    by_order.most_off,
    by_order.least_credited,
    by_order.most_credited
from {{ ref('results__orders') }} as orders
full outer join by_order
    on by_order.shop = orders.shop
    and by_order.order_id = orders.order_id
where orders.order_id is null
    or coalesce(by_order.models, 0) <> case
        when orders.evidence = 'none' then 0
        else (select count(*) from {{ ref('attribution_models') }})
    end
    or by_order.most_off > 1e-9
    or coalesce(by_order.least_credited <> orders.net_revenue, by_order.order_id is not null)
    or coalesce(by_order.most_credited <> orders.net_revenue, by_order.order_id is not null)
