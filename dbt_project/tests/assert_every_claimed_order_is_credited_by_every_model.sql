{{ config(meta={'dagster': {'ref': {'name': 'results__credits'}}}) }}
-- An order with evidence has credits under each attribution model; an order without evidence has none.
select orders.shop, orders.order_id, orders.evidence, count(distinct credits.attribution_model) as models
from {{ ref('results__orders') }} as orders
left join {{ ref('results__credits') }} as credits
    on credits.shop = orders.shop
    and credits.order_id = orders.order_id
group by orders.shop, orders.order_id, orders.evidence
having count(distinct credits.attribution_model) <> case
    when orders.evidence = 'none' then 0
    else (select count(*) from {{ ref('attribution_models') }})
end
