{{ config(materialized='view') }}
select
    orders.shop,
    orders.order_id,
    'click ' || clicks.click_id as touch_id,
    clicks.clicked_at as touched_at,
    clicks.partner_id,
    clicks.campaign_id,
    clicks.platform,
    'person' as matched_by
from {{ ref('int_orders_sold') }} as orders
inner join {{ ref('int_clicks_identified') }} as clicks on clicks.customer_id = orders.customer_id and clicks.is_touch
cross join {{ ref('stg_plan__settings') }} as settings
where {{ within_lookback('clicks.clicked_at') }}
