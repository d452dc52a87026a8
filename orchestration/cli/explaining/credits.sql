-- Who is credited with which share of the order $order_id of $shop.
select
    attribution_model,
    touch_id,
    partner_id,
    campaign_id,
    credit_ratio,
    credited_revenue
from results.credits
where shop = $shop and order_id = $order_id
order by attribution_model, credit_ratio desc, touch_id
