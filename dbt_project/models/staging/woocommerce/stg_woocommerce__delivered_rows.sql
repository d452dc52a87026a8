{{ config(materialized='table') }}
-- What Analytics and what the plugin writes, side by side.
with
    delivered as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('order_id') }} as order_id,
            {{ as_text('order_number') }} as order_number,
            -- Guests have no account, or the account 0.
            {{ identifier("nullif(nullif(trim(customer_id), ''), '0')") }} as customer_id,
            {{ email_identifier("coalesce(nullif(trim(customer_email), ''), billing_email)") }} as customer_email,
            {{ phone_identifier('billing_phone', 'billing_country') }} as customer_phone,
            coalesce({{ as_text('shipping_country') }}, {{ as_text('billing_country') }}) as region,
            {{ as_timestamp('ordered_at') }} as happened_at,
            coalesce({{ as_currency('order_currency') }}, {{ as_currency('shop_currency') }}) as currency,
            {{ as_money('net_sales') }} as net_sales,
            {{ as_money('order_subtotal') }} as subtotal,
            {{ as_money('discount_total') }} as discount,
            {{ as_money('tax_total') }} as tax,
            {{ as_money('shipping_total') }} as shipping,
            {{ as_money('order_total') }} as total,
            coalesce(replace({{ as_text('coupons') }}, ', ', ';'), {{ woocommerce_codes('coupon_items') }}) as codes,
            -- Analytics in the browser writes the words that people see: On hold.
            replace({{ replace_pattern("lower(trim(status))", '^wc-', []) }}, ' ', '-') as status,
            lower({{ as_text('customer_type') }}) as customer_type,
            {{ as_text('refund_items') }} as refund_items,
            nullif({{ woocommerce_unread_refunds('refund_items') }}, '') as unread_refunds,
            _timezone,
            _decimal,
            _date_order,
            {{ provenance() }}
        from {{ source('raw', 'woocommerce_orders') }}
    )

select
    *,
    cast(coalesce(net_sales, subtotal - discount) as decimal(18, 2)) as net,
    -- A refund of nothing but shipping has no net sales, but a later day than its order.
    coalesce(
        net_sales < 0 or (net_sales = 0 and happened_at > min(happened_at) over (partition by shop, order_id)), false
    ) as is_refund
from delivered
