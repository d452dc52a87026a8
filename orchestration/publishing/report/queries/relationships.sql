-- Results by relationship over all months by one attribution model ($model); ratios are ratios of sums. Revenue known
-- from surveys only is separate from tracked revenue.
with totals as (
    select
        relationship,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(new_customers) as new_customers,
        sum(cost) as cost,
        sum(contribution_margin) as contribution_margin,
        sum(contribution_margin) / nullif(sum(cost), 0) as return_on_cost,
        sum(net_revenue) / nullif(sum(cost), 0) as roas,
        sum(cost) / nullif(sum(new_customers), 0) as cost_per_new_customer,
        sum(net_revenue_of_unconnected) as net_revenue_of_unconnected
    from results.relationships
    where attribution_model = $model
    group by all
),

tiers as (
    select
        relationship,
        coalesce(sum(net_revenue) filter (evidence <> 'survey'), 0) as tracked_revenue,
        coalesce(sum(net_revenue) filter (evidence = 'survey'), 0) as said_revenue
    from results.daily
    where attribution_model = $model
    group by all
)

select totals.*, coalesce(tracked_revenue, 0) as tracked_revenue, coalesce(said_revenue, 0) as said_revenue
from totals
left join tiers using (relationship)
order by net_revenue desc, relationship
