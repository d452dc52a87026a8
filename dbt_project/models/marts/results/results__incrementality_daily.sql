select
    daily.experiment_id,
    daily.arm,
    cast(daily.observed_on as date) as day,
    experiments.kpi,
    daily.observed_on >= experiments.starts_on as is_treated,
    daily.actual,
    daily.counterfactual,
    daily.effect as effect_per_unit
from {{ ref('int_geo_effects_daily') }} as daily
inner join {{ ref('int_experiments_known') }} as experiments on experiments.experiment_id = daily.experiment_id
