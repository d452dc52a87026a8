{{ config(materialized='view') }}
with
    credits as (
        select
            days.*,
            models.attribution_model,
            {{ of_attribution_model('orders') | indent(4) }} as orders,
            {{ of_attribution_model('net_revenue') | indent(4) }} as net_revenue,
            {{ of_attribution_model('cost_of_goods') | indent(4) }} as cost_of_goods
        from {{ ref('int_credits_daily') }} as days
        cross join {{ ref('attribution_models') }} as models
    ),

    movements as (
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
            orders,
            net_revenue,
            cost_of_goods,
            cast(null as decimal(18, 2)) as cost
        from credits
        where orders is not null

        union all

        -- A cost belongs to no attribution model, so each of them has it.
        select
            costs.day,
            models.attribution_model,
            costs.partner_id,
            costs.relationship,
            costs.is_connected,
            costs.campaign_id,
            cast(null as {{ dbt.type_string() }}) as platform,
            cast(null as {{ dbt.type_string() }}) as evidence,
            cast(null as boolean) as is_new_customer,
            cast(0 as {{ type_double() }}) as orders,
            cast(0 as decimal(18, 2)) as net_revenue,
            cast(0 as decimal(18, 2)) as cost_of_goods,
            costs.cost
        from {{ ref('int_costs_daily') }} as costs
        cross join {{ ref('attribution_models') }} as models
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
    cast(net_revenue - cost_of_goods - coalesce(cost, 0) as decimal(18, 2)) as contribution_margin
from movements
