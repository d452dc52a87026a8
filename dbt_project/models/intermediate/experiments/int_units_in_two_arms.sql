select outcomes.experiment_id, outcomes.unit_id
from {{ ref('int_experiment_outcomes_current') }} as outcomes
left join {{ ref('int_experiments_latest') }} as experiments on experiments.experiment_id = outcomes.experiment_id
-- Some exports call every region control until its treatment starts: only the days of the test have its arm.
where
    coalesce(experiments.design, '') <> 'geo'
    or coalesce(outcomes.observed_on between experiments.starts_on and experiments.ends_on, true)
group by outcomes.experiment_id, outcomes.unit_id
having count(distinct {{ arm_name('outcomes.arm') }}) > 1
