with
    known as (
        select experiment_id
        from {{ ref('int_experiments_latest') }}
        union
        select experiment_id
        from {{ ref('int_experiment_outcomes_latest') }}
    )

select
    known.experiment_id,
    experiments.design,
    experiments.kpi,
    experiments.starts_on,
    experiments.ends_on,
    experiments.statement,
    experiments.campaign_id,
    experiments.arm_shares,
    experiments.experiment_id is not null as is_declared,
    coalesce(today.as_of <= experiments.ends_on, false) as is_running
from known
cross join {{ ref('stg_plan__today') }} as today
left join {{ ref('int_experiments_latest') }} as experiments on experiments.experiment_id = known.experiment_id
