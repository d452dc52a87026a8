select
    {{ as_text('post_id') }} as post_id,
    {{ delivered_at() }} as observed_at,
    {{ as_count('impressions') }} as impressions,
    cast(null as bigint) as reach,
    cast(null as bigint) as views,
    {{ as_count('likes') }} as likes,
    {{ as_count('comments') }} as comments,
    {{ as_count('shares') }} as shares,
    {{ as_count('saves') }} as saves,
    {{ as_count('clicks') }} as clicks,
    {{ provenance() }}
from {{ source('raw', 'x_posts') }}
