select
    filters.goal_id,
    filters.version,
    filters.dimension,
    case
        -- Platforms are compared in lower case everywhere.
        when filters.dimension = 'platform'
        then lower(filters.value)
        when filters.dimension = 'partner'
        then coalesce(aliases.partner_id, filters.value)
        else filters.value
    end as value
from {{ source('plan', 'goal_filters') }} as filters
left join {{ ref('stg_plan__aliases') }} as aliases on aliases.alias = filters.value
