select
    upper({{ as_text('code') }}) as code,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_timestamp('valid_from') }} as valid_from,
    {{ as_timestamp_end('valid_to') }} as valid_to,
    coalesce({{ as_text('match') }}, 'exact') = 'prefix' as is_prefix,
    {{ provenance() }}
from {{ source('raw', 'codes') }}
