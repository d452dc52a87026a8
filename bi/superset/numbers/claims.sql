select
    source,
    state,
    sum(conversions) as conversions,
    sum(matched_orders) as matched_orders,
    sum(revenue) as revenue,
    sum(matched_revenue) as matched_revenue
from results.claims
group by all
