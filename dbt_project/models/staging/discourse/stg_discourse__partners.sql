select
    {{ as_text('partner_id') }} as partner_id,
    coalesce({{ as_text('name') }}, {{ as_text('partner_id') }}) as name,
    coalesce(lower({{ as_text('relationship') }}), 'community') as relationship,
    {{ identifier('email') }} as customer_id,
    cast(null as boolean) as is_connected,
    cast(null as {{ dbt.type_string() }}) as topics,
    {{ as_timestamp('created_at') }} as joined_at,
    {{ as_timestamp('suspended_at') }} as left_at,
    {{ provenance() }}
from {{ source('raw', 'discourse_users') }}
