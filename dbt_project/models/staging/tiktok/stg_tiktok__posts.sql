select
    {{ tiktok_id('video_link') }} as post_id,
    {{ as_text('partner_id') }} as partner_id,
    'tiktok' as platform,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ tiktok_time(tiktok_id('video_link')) }} as published_at,
    split_part({{ as_text('video_link') }}, '?', 1) as url,
    cast(null as {{ dbt.type_string() }}) as topics,
    {{ as_boolean('is_paid') }} as is_paid,
    {{ as_boolean('is_disclosed') }} as is_disclosed,
    {{ provenance() }}
from {{ source('raw', 'tiktok_posts') }}
