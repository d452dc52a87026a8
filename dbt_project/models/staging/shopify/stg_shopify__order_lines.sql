select
    {{ as_text('shop') }} as shop,
    {{ as_text('order_name') }} as order_name,
    {{ as_text('order_id') }} as order_id,
    {{ pseudonym('email') }} as customer_id,
    lower({{ as_text('financial_status') }}) as financial_status,
    {{ as_timestamp('created_at') }} as created_at,
    {{ as_timestamp('cancelled_at') }} as cancelled_at,
    {{ as_currency('currency') }} as currency,
    {{ as_money('subtotal') }} as subtotal,
    {{ as_money('shipping') }} as shipping,
    {{ as_money('taxes') }} as taxes,
    {{ as_money('total') }} as total,
    {{ as_money('refunded_amount') }} as refunded_amount,
    {{ as_text('discount_codes') }} as discount_codes,
    {{ as_number('line_quantity') }} * {{ as_money('line_price') }} as line_amount,
    -- Names may repeat after an import; a subtotal stands on the first line of each order and on no other.
    count({{ as_money('subtotal') }}) over (partition by _delivery order by _row) as nth_order,
    {{ provenance() }}
from {{ source('raw', 'shopify_orders') }}
