with
    identified as (
        select
            clicks.visitor_id,
            clicks.clicked_at as identified_at,
            min(coalesce(clicks.customer_id, orders.customer_id)) as customer_id
        from {{ ref('int_clicks_latest') }} as clicks
        left join
            {{ ref('int_claims_matched') }} as matched
            on matched.claim_type = 'click'
            and matched.claim_id = clicks.click_id
        left join
            {{ ref('int_orders_priced') }} as orders
            on orders.shop = matched.shop
            and orders.order_id = matched.order_id
        where clicks.visitor_id is not null and coalesce(clicks.customer_id, orders.customer_id) is not null
        group by clicks.visitor_id, clicks.clicked_at
    ),

    changes as (
        select *
        from identified
        qualify coalesce(lag(customer_id) over (partition by visitor_id order by identified_at), '') <> customer_id
    )

select
    visitor_id,
    customer_id,
    identified_at,
    lead(identified_at) over (partition by visitor_id order by identified_at) as identified_until
from changes
