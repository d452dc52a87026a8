select
    {{ as_text('conversion_id') }} as conversion_id,
    {{ as_timestamp('converted_at') }} as converted_at,
    {{ as_text('partner_id') }} as partner_id,
    {{ as_text('campaign_id') }} as campaign_id,
    {{ as_text('shop') }} as shop,
    {{ as_text('order_id') }} as order_id,
    {{ identifier('customer_id') }} as customer_id,
    coalesce(lower({{ as_text('kind') }}), 'sale') as kind,
    {{ as_count('orders') }} as orders,
    {{ as_money('revenue') }} as revenue,
    {{ as_currency('currency') }} as currency,
    {{ as_money('commission') }} as commission,
    lower({{ as_text('state') }}) as state,
    {{ provenance() }}
from {{ source('raw', 'conversions') }}
