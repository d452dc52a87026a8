with credits as (
    select
        moved_on as day,
        attribution_model,
        partner_id,
        relationship,
        is_connected,
        campaign_id,
        platform,
        evidence,
        is_new_customer,
        case when kind = 'sale' then credit_ratio else 0 end as orders,
        case when kind in ('sale', 'refund') then amount else 0 end as net_revenue,
        case when kind = 'cost_of_goods' then amount else 0 end as cost_of_goods,
        0 as cost
    from {{ ref('int_credits_moved') }}
),

costs as (
    -- A cost belongs to no attribution model, so it stands under each of them.
    select
        costs.paid_on as day,
        models.attribution_model,
        costs.partner_id,
        -- What the partner was when they were paid, not what they are today.
        coalesce(spans.relationship, partners.relationship, '(unassigned)') as relationship,
        partners.is_connected,
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
    left join {{ ref('int_partners_known') }} as partners
        on partners.partner_id = costs.partner_id
    left join {{ ref('int_partner_relationships') }} as spans
        on spans.partner_id = costs.partner_id
        and {{ holds_on('spans', 'costs.paid_on') }}
),

movements as (
    select * from credits
    union all
    select * from costs
),

added_up as (
    select
        day,
        attribution_model,
        partner_id,
        relationship,
        is_connected,
        campaign_id,
        platform,
        evidence,
        is_new_customer,
        {{ sum_of_shares('orders', 12) }} as orders,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue,
        cast(sum(cost_of_goods) as decimal(18, 2)) as cost_of_goods,
        cast(sum(cost) as decimal(18, 2)) as cost
    from movements
    group by
        day, attribution_model, partner_id, relationship, is_connected, campaign_id, platform, evidence, is_new_customer
)

select
    day,
    attribution_model,
    coalesce(partner_id, '(unassigned)') as partner_id,
    relationship,
    is_connected,
    coalesce(campaign_id, '(unassigned)') as campaign_id,
    platform,
    evidence,
    is_new_customer,
    orders,
    net_revenue,
    cost_of_goods,
    case when is_new_customer then orders else 0 end as new_customers,
    case when is_new_customer and evidence = 'referral' then orders else 0 end as referred_customers,
    cost,
    cast(net_revenue - cost_of_goods - cost as decimal(18, 2)) as contribution_margin
from added_up
