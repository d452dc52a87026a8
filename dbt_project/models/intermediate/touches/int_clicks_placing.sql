select clicks.click_id, clicks.visitor_id, orders.shop, orders.order_id, orders.ordered_at, matched.matched_by
from {{ ref('int_claims_matched') }} as matched
inner join {{ ref('int_clicks_latest') }} as clicks on clicks.click_id = matched.claim_id
inner join {{ ref('int_orders_sold') }} as orders on orders.shop = matched.shop and orders.order_id = matched.order_id
where matched.claim_type = 'click' and clicks.clicked_at <= {{ last_identified_at('orders.ordered_at') }}
