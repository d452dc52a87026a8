select incrementality.*, kpis.unit
from results.incrementality
left join goals.kpis using (kpi)
order by starts_on nulls last, experiment_id, arm
