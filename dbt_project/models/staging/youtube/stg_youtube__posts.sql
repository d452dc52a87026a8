select
    {{ as_text('video_id') }} as post_id,
    {{ as_text('partner_id') }} as partner_id,
    'youtube' as platform,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ to_utc(english_day('published_on'), '_timezone') }} as published_at,
    'https://www.youtube.com/watch?v=' || {{ as_text('video_id') }} as url,
    cast(null as {{ dbt.type_string() }}) as topics,
    {{ as_boolean('is_paid') }} as is_paid,
    {{ as_boolean('is_disclosed') }} as is_disclosed,
    {{ provenance() }}
from {{ source('raw', 'youtube_content') }}
