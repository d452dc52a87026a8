with visitors as (
    -- A browser belongs to the customer that it was last known to be.
    select visitor_id, max_by(customer_id, clicked_at) as customer_id
    from {{ ref('int_clicks_latest') }}
    where visitor_id is not null and customer_id is not null
    group by visitor_id
),

clicks as (
    select
        clicks.click_id,
        clicks.clicked_at,
        clicks.partner_id,
        clicks.campaign_id,
        lower(clicks.utm_source) as platform,
        coalesce(clicks.customer_id, visitors.customer_id) as customer_id
    from {{ ref('int_clicks_latest') }} as clicks
    left join visitors
        on visitors.visitor_id = clicks.visitor_id
    where clicks.partner_id is not null or clicks.campaign_id is not null
)

select
    orders.shop,
    orders.order_id,
    'click ' || clicks.click_id as touch_id,
    clicks.clicked_at as touched_at,
    clicks.partner_id,
    clicks.campaign_id,
    clicks.platform
from {{ ref('int_orders_sold') }} as orders
inner join clicks
    on clicks.customer_id = orders.customer_id
cross join {{ ref('stg_plan__settings') }} as settings
where {{ within_lookback('clicks.clicked_at') }}
