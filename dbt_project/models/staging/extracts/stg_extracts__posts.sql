select
    {{ as_text('post_id') }} as post_id,
    {{ as_text('partner_id') }} as partner_id,
    lower({{ as_text('platform') }}) as platform,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_timestamp('published_at') }} as published_at,
    {{ as_text('url') }} as url,
    {{ as_list('topics') }} as topics,
    {{ as_boolean('is_paid') }} as is_paid,
    {{ as_boolean('is_disclosed') }} as is_disclosed,
    {{ provenance() }}
from {{ source('raw', 'posts') }}
