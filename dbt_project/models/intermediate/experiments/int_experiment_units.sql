with
    series as (
        select experiment_id, count(*) > count(distinct unit_id) as has_several_days
        from {{ ref('int_experiment_outcomes_latest') }}
        group by experiment_id
    )

select
    outcomes.experiment_id,
    outcomes.unit_id,
    coalesce(
        max({{ arm_name('outcomes.arm') }}) filter (
            where outcomes.observed_on between experiments.starts_on and experiments.ends_on
        ),
        max({{ arm_name('outcomes.arm') }})
    ) as arm,
    coalesce(
        {{ sum_of_shares('case
        when series.has_several_days and outcomes.observed_on > experiments.ends_on then 0
        else outcomes.value
    end', 9) }},
        0
    ) as value,
    count(*) filter (where outcomes.observed_on < experiments.starts_on) as values_before_start,
    count(*) filter (where outcomes.observed_on is null) as values_without_day
from {{ ref('int_experiment_outcomes_latest') }} as outcomes
inner join {{ ref('int_experiments_known') }} as experiments on experiments.experiment_id = outcomes.experiment_id
inner join series on series.experiment_id = outcomes.experiment_id
group by outcomes.experiment_id, outcomes.unit_id
