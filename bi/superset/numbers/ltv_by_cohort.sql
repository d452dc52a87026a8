select cohort_month, months_since, cumulative_net_revenue_per_customer as ltv
from results.cohorts
where level = 'programme' and brought_by = '(the programme)'
