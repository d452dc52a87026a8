select
    brought_by,
    name,
    sum(case when months_since = 0 then customers end) as customers_brought,
    sum(net_revenue) as revenue_so_far,
    sum(net_revenue) / sum(case when months_since = 0 then customers end) as ltv_so_far
from results.cohorts
where level = 'partner'
group by all
