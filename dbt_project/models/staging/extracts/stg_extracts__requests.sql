select
    {{ as_text('request_id') }} as request_id,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_timestamp('asked_at') }} as asked_at,
    {{ as_timestamp('answered_at') }} as answered_at,
    {{ as_text('topic') }} as topic,
    {{ provenance() }}
from {{ source('raw', 'requests') }}
