select evidence, sum(orders)::bigint as orders, sum(net_revenue) as net_revenue
from results.evidence
group by evidence
order by list_position(['tracked', 'said', 'untracked', 'renewal'], evidence)
