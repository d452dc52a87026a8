select
    {{ as_text('response_id') }} as response_id,
    {{ identifier("coalesce(nullif(trim(customer_id), ''), email)") }} as customer_id,
    {{ surveymonkey_time('ended_at', 'date_style') }} as answered_at,
    {{ leading_count('answer') }} as answer,
    {{ provenance() }}
from {{ source('raw', 'surveymonkey_nps') }}
