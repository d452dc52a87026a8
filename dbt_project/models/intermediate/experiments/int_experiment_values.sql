select units.experiment_id, units.arm, units.value, count(*) as units
from {{ ref('int_experiment_units') }} as units
inner join {{ ref('int_experiments_checked') }} as experiments on experiments.experiment_id = units.experiment_id
where experiments.design = 'randomised' and experiments.problem is null and not experiments.is_running
group by units.experiment_id, units.arm, units.value
