select
    steps.objective_id,
    steps.step_id,
    steps.statement,
    steps.owner,
    steps.due_on,
    steps.done_on,
    case
        when steps.done_on <= today.as_of then 'done' when steps.due_on < today.as_of then 'late' else 'open'
    end as status
from {{ ref('stg_plan__steps') }} as steps
cross join {{ ref('stg_plan__today') }} as today
