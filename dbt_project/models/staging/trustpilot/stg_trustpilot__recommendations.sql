select
    {{ as_text('review_id') }} as response_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ as_timestamp('created_at') }} as answered_at,
    {{ as_count('answer') }} as answer,
    {{ provenance() }}
from {{ source('raw', 'trustpilot_reviews') }}
