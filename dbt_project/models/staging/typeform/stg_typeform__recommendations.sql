select
    {{ as_text('response_id') }} as response_id,
    {{ identifier('customer_id') }} as customer_id,
    coalesce({{ as_timestamp('submitted_at') }}, {{ as_timestamp('started_at') }}) as answered_at,
    {{ as_count('answer') }} as answer,
    {{ provenance() }}
from {{ source('raw', 'typeform_responses') }}
where {{ as_count('answer') }} is not null
