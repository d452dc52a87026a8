with touches as (
    select * from {{ ref('int_touches_weighted') }}
),

{{ share_among_touches(attribution_rules(), columns_of_credits()) }}
