{{ config(materialized='view') }}
select
    clicks.click_id,
    clicks.clicked_at,
    clicks.partner_id,
    clicks.campaign_id,
    clicks.platform,
    coalesce(clicks.customer_id, visitors.customer_id) as customer_id,
    clicks.visitor_id,
    clicks.is_touch
from {{ ref('int_clicks_owned') }} as clicks
cross join {{ ref('stg_plan__settings') }} as settings
left join
    {{ ref('int_visitors_identified') }} as visitors
    on visitors.visitor_id = clicks.visitor_id
    and visitors.identified_at <= clicks.clicked_at + settings.lookback_days * interval '1' day
    -- Without an `or`, because the engine would then compare each click with each visitor.
    and coalesce(visitors.identified_until, cast('9999-12-31' as timestamp))
    > clicks.clicked_at + settings.lookback_days * interval '1' day
