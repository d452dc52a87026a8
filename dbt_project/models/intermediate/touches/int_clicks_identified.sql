-- A browser belongs to the customer that it was last known to be.
with
    known as (
        select
            visitor_id,
            customer_id,
            row_number() over (partition by visitor_id order by max(clicked_at) desc, customer_id) as nth_from_last
        from {{ ref('int_clicks_latest') }}
        where visitor_id is not null and customer_id is not null
        group by visitor_id, customer_id
    )

select
    clicks.click_id,
    clicks.clicked_at,
    clicks.partner_id,
    clicks.campaign_id,
    lower(clicks.utm_source) as platform,
    coalesce(clicks.customer_id, known.customer_id) as customer_id,
    clicks.visitor_id,
    -- A direct visit is none.
    clicks.partner_id is not null or clicks.campaign_id is not null as is_touch
from {{ ref('int_clicks_latest') }} as clicks
left join known on known.visitor_id = clicks.visitor_id and known.nth_from_last = 1
