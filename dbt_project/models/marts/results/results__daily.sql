with credits as (
    select
        moved.moved_on as day,
        touches.touched_on as related_on,
        moved.attribution_model,
        touches.partner_id,
        touches.campaign_id,
        touches.platform,
        touches.evidence,
        orders.is_new_customer,
        case when moved.kind = 'sale' then moved.credit_ratio else 0 end as orders,
        case when moved.kind in ('sale', 'refund') then moved.amount else 0 end as net_revenue,
        case when moved.kind = 'cost_of_goods' then moved.amount else 0 end as cost_of_goods,
        0 as cost
    from {{ ref('int_credits_moved') }} as moved
    inner join {{ ref('int_touches_counted') }} as touches
        on touches.shop = moved.shop
        and touches.order_id = moved.order_id
        and touches.touch_id = moved.touch_id
    inner join {{ ref('int_orders_sold') }} as orders
        on orders.shop = moved.shop
        and orders.order_id = moved.order_id
),

costs as (
    -- A cost belongs to no attribution model, so it stands under each of them.
    select
        costs.paid_on as day,
        costs.paid_on as related_on,
        models.attribution_model,
        costs.partner_id,
        costs.campaign_id,
        cast(null as {{ dbt.type_string() }}) as platform,
        cast(null as {{ dbt.type_string() }}) as evidence,
        cast(null as boolean) as is_new_customer,
        0 as orders,
        0 as net_revenue,
        0 as cost_of_goods,
        costs.amount as cost
    from {{ ref('int_costs_priced') }} as costs
    cross join {{ ref('attribution_models') }} as models
),

movements as (
    select * from credits
    union all
    select * from costs
)

select
    movements.day,
    movements.attribution_model,
    coalesce(movements.partner_id, '(unassigned)') as partner_id,
    -- What the partner was when they vouched (for costs: were paid), not what they are today.
    coalesce(spans.relationship, partners.relationship, '(unassigned)') as relationship,
    partners.is_connected,
    coalesce(movements.campaign_id, '(unassigned)') as campaign_id,
    movements.platform,
    movements.evidence,
    movements.is_new_customer,
    {{ sum_of_shares('movements.orders', 12) }} as orders,
    cast(sum(movements.net_revenue) as decimal(18, 2)) as net_revenue,
    cast(sum(movements.cost_of_goods) as decimal(18, 2)) as cost_of_goods,
    {{ sum_of_shares('case when movements.is_new_customer then movements.orders else 0 end', 12) }} as new_customers,
    {{ sum_of_shares("case
        when movements.is_new_customer and movements.evidence = 'referral' then movements.orders else 0
    end", 12) }} as referred_customers,
    cast(sum(movements.cost) as decimal(18, 2)) as cost,
    cast(sum(movements.net_revenue) - sum(movements.cost_of_goods) - sum(movements.cost) as decimal(18, 2)) as contribution_margin
from movements
left join {{ ref('int_partners_known') }} as partners
    on partners.partner_id = movements.partner_id
left join {{ ref('int_partner_relationships') }} as spans
    on spans.partner_id = movements.partner_id
    and {{ holds_on('spans', 'movements.related_on') }}
group by
    movements.day,
    movements.attribution_model,
    movements.partner_id,
    coalesce(spans.relationship, partners.relationship, '(unassigned)'),
    partners.is_connected,
    movements.campaign_id,
    movements.platform,
    movements.evidence,
    movements.is_new_customer
