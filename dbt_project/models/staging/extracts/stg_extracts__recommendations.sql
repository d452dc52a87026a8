select
    {{ as_text('response_id') }} as response_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ as_timestamp('answered_at') }} as answered_at,
    {{ as_count('answer') }} as answer,
    {{ provenance() }}
from {{ source('raw', 'recommendations') }}
