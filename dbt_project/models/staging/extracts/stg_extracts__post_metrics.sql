select
    {{ as_text('post_id') }} as post_id,
    {{ as_timestamp('observed_at') }} as observed_at,
    {{ as_count('impressions') }} as impressions,
    {{ as_count('reach') }} as reach,
    {{ as_count('views') }} as views,
    {{ as_count('likes') }} as likes,
    {{ as_count('comments') }} as comments,
    {{ as_count('shares') }} as shares,
    {{ as_count('saves') }} as saves,
    {{ as_count('clicks') }} as clicks,
    {{ provenance() }}
from {{ source('raw', 'post_metrics') }}
