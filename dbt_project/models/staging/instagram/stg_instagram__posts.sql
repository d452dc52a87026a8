select
    {{ as_text('post_id') }} as post_id,
    {{ as_text('partner_id') }} as partner_id,
    'instagram' as platform,
    {{ as_text('campaign_id') }} as campaign_id,
    coalesce({{ instagram_time('permalink') }}, {{ as_timestamp('publish_time') }}) as published_at,
    {{ as_text('permalink') }} as url,
    cast(null as {{ dbt.type_string() }}) as topics,
    {{ as_boolean('is_paid') }} as is_paid,
    {{ as_boolean('is_disclosed') }} as is_disclosed,
    {{ provenance() }}
from {{ source('raw', 'instagram_posts') }}
