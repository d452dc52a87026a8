with effects as ({{ removal_effects_shared(by_month=true) | indent(4) }})

select effects.*, {{ is_final('effects.month') }} as is_final
from effects
cross join {{ ref('stg_plan__settings') }} as settings
cross join {{ ref('stg_plan__today') }} as today
