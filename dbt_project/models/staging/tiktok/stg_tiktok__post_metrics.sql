select
    {{ tiktok_id('video_link') }} as post_id,
    {{ delivered_at() }} as observed_at,
    cast(null as bigint) as impressions,
    cast(null as bigint) as reach,
    {{ as_count('views') }} as views,
    {{ as_count('likes') }} as likes,
    {{ as_count('comments') }} as comments,
    {{ as_count('shares') }} as shares,
    cast(null as bigint) as saves,
    cast(null as bigint) as clicks,
    {{ provenance() }}
from {{ source('raw', 'tiktok_posts') }}
