-- What each network or tool claims as sales, and how much of it was found in the orders.
select
    source,
    sum(conversions)::bigint as conversions,
    sum(matched_orders)::bigint as matched_orders,
    sum(revenue) as revenue,
    sum(matched_revenue) as matched_revenue
from results.claims
where state <> 'reversed'
group by source
order by source
