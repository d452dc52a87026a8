select month, evidence as name, net_revenue
from results.evidence
order by month, list_position(['tracked', 'said', 'untracked', 'renewal'], evidence)
