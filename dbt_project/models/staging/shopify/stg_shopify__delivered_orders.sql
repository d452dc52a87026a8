with orders as (
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
    from {{ ref('stg_shopify__order_lines') }}
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
