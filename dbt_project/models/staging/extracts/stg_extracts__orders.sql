select
    coalesce({{ as_text('shop') }}, 'default') as shop,
    {{ as_text('order_id') }} as order_id,
    {{ pseudonym('customer_id') }} as customer_id,
    {{ as_timestamp('ordered_at') }} as ordered_at,
    {{ as_currency('currency') }} as currency,
    {{ as_money('gross') }} as gross,
    {{ as_money('discount') }} as discount,
    {{ as_money('tax') }} as tax,
    {{ as_money('shipping') }} as shipping,
    {{ as_money('net') }} as net,
    {{ as_money('cost_of_goods') }} as cost_of_goods,
    {{ as_list('discount_codes') }} as discount_codes,
    lower({{ as_text('status') }}) as status,
    {{ provenance() }}
from {{ source('raw', 'orders') }}
