-- The plan that is told in a sentence first: the smallest lift that can be shown, else the smallest experiment.
select
    *,
    row_number() over (
        partition by goal_id
        order by
            is_feasible desc,
            design desc,
            case when is_feasible then detectable_relative_lift end,
            units_per_arm nulls last,
            detectable_relative_lift
    )
    = 1 as is_told
from goals.experiments_needed
order by
    goal_id,
    design desc,
    case when design = 'geo' then units_per_arm end,
    case when design = 'geo' then days end,
    detectable_relative_lift
