-- Each version of a goal with the days that it counts, and the days on which it was in force: the
-- first from the beginning, each later one from the day it was first seen, the newest without an end.
select
    goals.objective_id,
    goals.goal_id,
    goals.version,
    goals.is_current,
    goals.first_seen_on,
    goals.kpi,
    goals.target,
    goals.baseline,
    goals.owner,
    goals.starts_on,
    goals.ends_on,
    goals.evidence,
    kpis.better,
    kpis.accumulates,
    kpis.numerator,
    kpis.denominator,
    kpis.mart,
    coalesce(kpis.evidence = 'experiment', false) or coalesce(goals.evidence = 'experiment', false) as needs_experiment,
    today.as_of,
    least(goals.ends_on, today.as_of) as last_day,
    case when goals.version > 1 then goals.first_seen_on end as in_force_from,
    lead(goals.first_seen_on) over (partition by goals.goal_id order by goals.version) as in_force_until
from {{ ref('stg_plan__goal_versions') }} as goals
cross join {{ ref('stg_plan__today') }} as today
left join {{ ref('kpis') }} as kpis on kpis.kpi = goals.kpi
