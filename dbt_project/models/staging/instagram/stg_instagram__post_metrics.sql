select
    {{ as_text('post_id') }} as post_id,
    {{ delivered_at() }} as observed_at,
    {{ as_count('impressions') }} as impressions,
    {{ as_count('reach') }} as reach,
    {{ as_count('views') }} as views,
    {{ as_count('likes') }} as likes,
    {{ as_count('comments') }} as comments,
    {{ as_count('shares') }} as shares,
    {{ as_count('saves') }} as saves,
    cast(null as bigint) as clicks,
    {{ provenance() }}
from {{ source('raw', 'instagram_posts') }}
