select
    outcomes.experiment_id,
    experiments.starts_on,
    experiments.ends_on,
    outcomes.unit_id,
    outcomes.observed_on,
    {{ arm_name('outcomes.arm') }} as arm,
    outcomes.value
from {{ ref('int_experiment_outcomes_latest') }} as outcomes
inner join {{ ref('int_experiments_checked') }} as experiments on experiments.experiment_id = outcomes.experiment_id
where experiments.design = 'geo' and experiments.problem is null and not experiments.is_running
