select
    {{ as_text('post_id') }} as post_id,
    {{ as_text('partner_id') }} as partner_id,
    'x' as platform,
    {{ as_text('campaign_id') }} as campaign_id,
    coalesce({{ x_time('post_id') }}, {{ as_timestamp('posted_at') }}) as published_at,
    {{ as_text('url') }} as url,
    cast(null as {{ dbt.type_string() }}) as topics,
    {{ as_boolean('is_paid') }} as is_paid,
    {{ as_boolean('is_disclosed') }} as is_disclosed,
    {{ provenance() }}
from {{ source('raw', 'x_posts') }}
