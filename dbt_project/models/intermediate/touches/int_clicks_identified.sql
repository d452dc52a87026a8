{{ config(materialized='view') }}
select
    clicks.click_id,
    clicks.clicked_at,
    clicks.partner_id,
    clicks.campaign_id,
    coalesce(clicks.customer_id, visitors.customer_id) as customer_id,
    clicks.visitor_id,
    clicks.is_touch
from {{ ref('int_clicks_owned') }} as clicks
left join
    {{ ref('int_visitors_identified') }} as visitors
    on visitors.visitor_id = clicks.visitor_id
    and visitors.identified_until is null
