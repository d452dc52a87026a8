-- Names may repeat after an import; only the first line of an order has a subtotal.
with
    delivered as (
        select *, count({{ as_money('subtotal') }}) over (partition by _delivery order by _row) as nth_order
        from {{ source('raw', 'shopify_orders') }}
    )

select
    nth_order,
    {{ as_text('shop') }} as shop,
    {{ as_text('order_name') }} as order_name,
    -- Lines of an order whose first line could not be read belong to no other.
    {{ as_text('order_name') }}
    = first_value({{ as_text('order_name') }}) over (partition by _delivery, nth_order order by _row) as is_of_order,
    {{ as_text('order_id') }} as order_id,
    {{ email_identifier('email') }} as customer_email,
    coalesce({{ as_text('phone') }}, {{ as_text('billing_phone') }}) as phone,
    coalesce({{ as_text('billing_country') }}, {{ as_text('shipping_country') }}) as phone_country,
    coalesce({{ as_text('shipping_country') }}, {{ as_text('billing_country') }}) as region,
    {{ as_text('channel') }} as channel,
    {{ as_text('receipt_number') }} as receipt_number,
    {{ as_text('payment_reference') }} as payment_reference,
    lower({{ as_text('financial_status') }}) as financial_status,
    {{ as_timestamp('created_at') }} as created_at,
    {{ as_timestamp('cancelled_at') }} as cancelled_at,
    {{ as_currency('currency') }} as currency,
    {{ as_money('subtotal') }} as subtotal,
    {{ as_money('shipping') }} as shipping,
    {{ as_money('taxes') }} as taxes,
    {{ as_money('total') }} as total,
    {{ as_money('refunded_amount') }} as refunded_amount,
    {{ as_money('discount_amount') }} as discount_amount,
    {{ as_text('discount_codes') }} as discount_codes,
    cast(round({{ as_number('line_quantity') }} * {{ as_money('line_price') }}, 2) as decimal(18, 2)) as line_amount,
    case
        when {{ as_boolean('is_gift_card') }}
        then 'gift card'
        when lower({{ as_text('line_name') }}) = 'tip'
        then 'tip'
        else 'merchandise'
    end as line_kind,
    {{ provenance() }}
from delivered
where nth_order > 0
