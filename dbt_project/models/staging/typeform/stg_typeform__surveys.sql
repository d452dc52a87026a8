select
    {{ as_text('response_id') }} as response_id,
    coalesce({{ as_timestamp('submitted_at') }}, {{ as_timestamp('started_at') }}) as answered_at,
    {{ as_text('shop') }} as shop,
    {{ as_text('order_id') }} as order_id,
    {{ identifier('customer_id') }} as customer_id,
    {{ as_text('heard_from') }} as answer,
    {{ as_text('partner_id') }} as partner_id,
    {{ provenance() }}
from {{ source('raw', 'typeform_responses') }}
where {{ as_text('heard_from') }} is not null
