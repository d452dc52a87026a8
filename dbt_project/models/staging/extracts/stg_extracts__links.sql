select
    lower({{ as_text('utm_source') }}) as utm_source,
    lower({{ as_text('utm_medium') }}) as utm_medium,
    lower({{ as_text('utm_campaign') }}) as utm_campaign,
    lower({{ as_text('utm_content') }}) as utm_content,
    lower({{ as_text('utm_term') }}) as utm_term,
    {{ as_page('url') }} as url,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_timestamp('valid_from') }} as valid_from,
    {{ as_timestamp_end('valid_to') }} as valid_to,
    {{ provenance() }}
from {{ source('raw', 'links') }}
