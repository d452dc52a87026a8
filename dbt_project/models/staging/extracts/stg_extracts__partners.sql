select
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('name') }} as name,
    lower({{ as_text('relationship') }}) as relationship,
    {{ identifier('customer_id') }} as customer_id,
    {{ as_boolean('is_connected') }} as is_connected,
    {{ as_list('topics') }} as topics,
    {{ as_timestamp('joined_at') }} as joined_at,
    {{ as_timestamp('left_at') }} as left_at,
    {{ provenance() }}
from {{ source('raw', 'partners') }}
