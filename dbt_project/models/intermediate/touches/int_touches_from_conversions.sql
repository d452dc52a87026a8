{{ config(materialized='view') }}
select
    orders.shop,
    orders.order_id,
    'conversion ' || conversions.conversion_id as touch_id,
    -- Networks report a conversion moments after its order: it is a touch with the order, not after it.
    least(conversions.converted_at, orders.ordered_at) as touched_at,
    conversions.partner_id,
    conversions.campaign_id,
    cast(null as {{ dbt.type_string() }}) as platform,
    matched.matched_by
from {{ ref('int_conversions_latest') }} as conversions
inner join
    {{ ref('int_claims_matched') }} as matched
    on matched.claim_type = 'conversion'
    and matched.claim_id = conversions.conversion_id
inner join {{ ref('int_orders_sold') }} as orders on orders.shop = matched.shop and orders.order_id = matched.order_id
cross join {{ ref('stg_plan__settings') }} as settings
where
    conversions.kind = 'sale'
    and coalesce(conversions.state, 'approved') <> 'reversed'
    and (conversions.partner_id is not null or conversions.campaign_id is not null)
    and {{ within_lookback('least(conversions.converted_at, orders.ordered_at)') }}
