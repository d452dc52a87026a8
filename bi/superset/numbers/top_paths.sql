select
    names,
    sum(orders) as orders,
    sum(net_revenue) as net_revenue,
    sum(touches * orders) / nullif(sum(orders), 0) as touches_per_order,
    sum(days * orders) / nullif(sum(orders), 0) as days_to_order,
    sum(paths_without_order) as paths_without_order,
    sum(orders) / (sum(orders) + sum(paths_without_order)) as order_ratio
from results.paths
group by all
