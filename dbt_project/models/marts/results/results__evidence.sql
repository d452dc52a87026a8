select
    coalesce(tiers.tier, 'untracked') as evidence,
    cast({{ dbt.date_trunc('month', 'movements.moved_on') }} as date) as month,
    count(case when movements.kind = 'sale' then 1 end) as orders,
    cast(sum(movements.amount) as decimal(18, 2)) as net_revenue
from {{ ref('int_revenue_movements') }} as movements
inner join
    {{ ref('results__orders') }} as orders on orders.shop = movements.shop and orders.order_id = movements.order_id
left join {{ ref('evidence_tiers') }} as tiers on tiers.evidence = orders.evidence
where movements.kind in ('sale', 'refund')
group by coalesce(tiers.tier, 'untracked'), cast({{ dbt.date_trunc('month', 'movements.moved_on') }} as date)
