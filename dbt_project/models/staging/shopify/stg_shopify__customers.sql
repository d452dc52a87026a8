select
    {{ as_text('shop') }} as shop,
    {{ identifier('customer_id') }} as customer_id,
    {{ email_identifier('email') }} as customer_email,
    {{ phone_identifier('phone', 'phone_country') }} as customer_phone,
    cast(null as timestamp) as first_ordered_at,
    {{ as_count('orders') }} as orders,
    {{ provenance() }}
from {{ source('raw', 'shopify_customers') }}
