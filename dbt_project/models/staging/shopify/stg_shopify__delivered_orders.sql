-- The lines of the export, numbered by the order that they belong to.
with
    lines as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('order_name') }} as order_name,
            {{ as_text('order_id') }} as order_id,
            {{ email_identifier('email') }} as customer_id,
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
            -- Names may repeat after an import; only the first line of an order has a subtotal.
            count({{ as_money('subtotal') }}) over (partition by _delivery order by _row) as nth_order,
            {{ provenance() }}
        from {{ source('raw', 'shopify_orders') }}
    ),

    orders as (
        select
            shop,
            nth_order,
            max(coalesce(order_id, order_name)) filter (where subtotal is not null) as order_id,
            max(customer_id) as customer_id,
            min(created_at) as created_at,
            max(currency) as currency,
            sum(line_amount) as gross,
            max(taxes) as taxes,
            max(shipping) as shipping,
            max(subtotal) as subtotal,
            max(total) as total,
            max(refunded_amount) as refunded_amount,
            max(discount_codes) as discount_codes,
            max(cancelled_at) as cancelled_at,
            max(financial_status) as financial_status,
            _entry,
            _delivery,
            _delivery_order,
            _file,
            min(_row) as _row
        from lines
        where nth_order > 0
        group by shop, nth_order, _entry, _delivery, _delivery_order, _file
    )

select
    *,
    -- Prices include tax where the total has no room for it: then the subtotal holds its share of it.
    case
        when taxes > 0 and abs(total - subtotal - shipping) < 0.015 and subtotal + shipping > 0
        then cast(round(subtotal - taxes * subtotal / (subtotal + shipping), 2) as decimal(18, 2))
        else subtotal
    end as net
from orders
