select
    {{ as_text('partner_id') }} as partner_id,
    lower({{ as_text('platform') }}) as platform,
    {{ as_timestamp('observed_at') }} as observed_at,
    {{ as_count('followers') }} as followers,
    {{ provenance() }}
from {{ source('raw', 'audiences') }}
