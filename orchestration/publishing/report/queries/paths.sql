-- The paths over all months by the names of their players, those with most orders first; means over orders.
select
    names,
    sum(orders)::bigint as orders,
    sum(net_revenue) as net_revenue,
    sum(touches * orders) / nullif(sum(orders), 0) as touches,
    sum(days * orders) / nullif(sum(orders), 0) as days,
    sum(paths_without_order)::bigint as paths_without_order,
    count(*) over () as paths
from results.paths
group by names
order by orders desc, net_revenue desc, names
limit 15
