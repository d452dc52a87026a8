select month, relationship as name, net_revenue
from results.relationships
where attribution_model = $model
order by month, relationship
