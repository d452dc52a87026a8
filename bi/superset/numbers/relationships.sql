select
    relationship,
    sum(orders) as orders,
    sum(net_revenue) as net_revenue,
    sum(new_customers) as new_customers,
    sum(cost) as cost,
    sum(contribution_margin) as contribution_margin,
    sum(contribution_margin) / nullif(sum(cost), 0) as return_on_cost,
    sum(cost) / nullif(sum(new_customers), 0) as cost_per_new_customer
from results.daily
where attribution_model = 'last_touch'
group by all
