select brought_by, months_since, sum(customers * cumulative_net_revenue_per_customer) / sum(customers) as ltv
from results.cohorts
where level = 'relationship' and is_complete
group by all
