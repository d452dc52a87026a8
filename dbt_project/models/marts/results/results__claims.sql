select
    coalesce(entries.entry, claims._entry) as source,
    coalesce(claims.partner_id, '(unassigned)') as partner_id,
    coalesce(claims.campaign_id, '(unassigned)') as campaign_id,
    cast({{ dbt.date_trunc('month', 'claims.converted_on') }} as date) as month,
    -- What a network does not say counts as approved.
    coalesce(claims.state, 'approved') as state,
    count(*) as conversions,
    cast(sum(claims.orders) as bigint) as orders,
    cast(sum(claims.revenue) as decimal(18, 2)) as revenue,
    cast(sum(claims.commission) as decimal(18, 2)) as commission,
    count(matched.order_id) as matched_orders,
    cast(coalesce(sum(orders.net - orders.refunded), 0) as decimal(18, 2)) as matched_revenue
from {{ ref('int_conversions_priced') }} as claims
left join {{ entry_names() }} as entries on entries.entry_id = claims._entry
left join
    {{ ref('int_claims_matched') }} as matched
    on matched.claim_type = 'conversion'
    and matched.claim_id = claims.conversion_id
left join {{ ref('int_orders_sold') }} as orders on orders.shop = matched.shop and orders.order_id = matched.order_id
where claims.kind = 'sale'
group by 1, 2, 3, 4, 5
