-- What Analytics and what the plugin writes, side by side.
with
    delivered as (
        select
            {{ as_text('shop') }} as shop,
            {{ as_text('order_id') }} as order_id,
            -- Guests have no account, or the account 0.
            {{ identifier("coalesce(nullif(nullif(trim(customer_id), ''), '0'), customer_email)") }} as customer_id,
            {{ as_timestamp('ordered_at') }} as ordered_at,
            coalesce({{ as_currency('order_currency') }}, {{ as_currency('shop_currency') }}) as currency,
            {{ as_money('net_sales') }} as net_sales,
            {{ as_money('order_subtotal') }} as subtotal,
            {{ as_money('discount_total') }} as discount,
            {{ as_money('tax_total') }} as tax,
            {{ as_money('shipping_total') }} as shipping,
            replace({{ as_text('coupons') }}, ', ', ';') as coupons,
            {{ woocommerce_codes('coupon_items') }} as coupon_items,
            {{ replace_pattern("lower(trim(status))", '^wc-', []) }} as status,
            {{ provenance() }}
        from {{ source('raw', 'woocommerce_orders') }}
    )

select
    shop,
    order_id,
    cast(null as {{ dbt.type_string() }}) as order_refs,
    customer_id,
    cast(null as {{ dbt.type_string() }}) as customer_email,
    cast(null as {{ dbt.type_string() }}) as customer_phone,
    ordered_at,
    currency,
    subtotal as gross,
    discount,
    tax,
    shipping,
    cast(coalesce(net_sales, subtotal - discount) as decimal(18, 2)) as net,
    cast(null as decimal(18, 2)) as cost_of_goods,
    coalesce(coupons, coupon_items) as discount_codes,
    case
        when status in ('pending', 'on-hold', 'checkout-draft', 'auto-draft')
        then 'draft'
        when status in ('trash', 'refunded')
        then 'cancelled'
        else status
    end as status,
    cast(null as boolean) as is_paid,
    cast(null as {{ dbt.type_string() }}) as channel,
    cast(null as {{ dbt.type_string() }}) as region,
    cast(null as boolean) as is_renewal,
    cast(null as boolean) as is_first_order,
    {{ provenance() }}
from delivered
