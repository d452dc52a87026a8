select
    max(ordered_on) as newest_order_on,
    count(*) as orders,
    count(*) filter (not is_paid) as unpaid_orders,
    sum(net_revenue) filter (not is_paid) as unpaid_revenue
from results.orders
