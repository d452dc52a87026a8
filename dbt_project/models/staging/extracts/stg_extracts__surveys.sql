select
    {{ as_text('response_id') }} as response_id,
    {{ as_timestamp('answered_at') }} as answered_at,
    {{ as_text('shop') }} as shop,
    {{ as_text('order_id') }} as order_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ as_text('answer') }} as answer,
    {{ as_text('partner_id') }} as partner_id,
    {{ provenance() }}
from {{ source('raw', 'surveys') }}
