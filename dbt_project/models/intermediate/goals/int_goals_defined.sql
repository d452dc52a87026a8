select
    goals.*,
    settings.as_of,
    kpis.better,
    kpis.accumulates,
    kpis.numerator,
    kpis.denominator,
    goals.kpi is null
        or goals.target is null
        or goals.baseline is null
        or goals.owner is null
        or goals.starts_on is null
        or goals.ends_on is null as is_undefined,
    settings.as_of < goals.starts_on as is_ahead,
    settings.as_of > goals.ends_on as is_over,
    ({{ dbt.datediff('goals.starts_on', 'least(settings.as_of, goals.ends_on)', 'day') }} + 1.0)
        / ({{ dbt.datediff('goals.starts_on', 'goals.ends_on', 'day') }} + 1.0) as elapsed_ratio
from {{ ref('stg_plan__goals') }} as goals
cross join {{ ref('stg_plan__settings') }} as settings
left join {{ ref('kpis') }} as kpis
    on kpis.kpi = goals.kpi
