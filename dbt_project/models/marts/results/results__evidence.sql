with
    movements as (
        select
            case
                when orders.is_renewal and settings.renewals = 'first'
                then 'renewal'
                else coalesce(tiers.tier, 'untracked')
            end as evidence,
            cast({{ dbt.date_trunc('month', 'movements.moved_on') }} as date) as month,
            movements.kind,
            movements.amount
        from {{ ref('int_revenue_movements') }} as movements
        cross join {{ ref('stg_plan__settings') }} as settings
        inner join
            {{ ref('results__orders') }} as orders
            on orders.shop = movements.shop
            and orders.order_id = movements.order_id
        left join {{ ref('evidence_tiers') }} as tiers on tiers.evidence = orders.evidence
        where movements.kind in ('sale', 'refund')
    ),

    months as (
        select
            evidence,
            month,
            count(case when kind = 'sale' then 1 end) as orders,
            cast(sum(amount) as decimal(18, 2)) as net_revenue
        from movements
        group by evidence, month
    )

select months.*, {{ is_final('months.month') }} as is_final
from months
cross join {{ ref('stg_plan__settings') }} as settings
cross join {{ ref('stg_plan__today') }} as today
