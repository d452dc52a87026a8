select
    shop,
    order_id,
    nullif(
        concat_ws(
            ';',
            case when order_name <> order_id then order_name end,
            case when orders_of_receipt = 1 then receipt_number end,
            case when orders_of_payment = 1 then payment_reference end
        ),
        ''
    ) as order_refs,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    customer_email,
    {{ phone_identifier('phone', 'phone_country') }} as customer_phone,
    created_at as ordered_at,
    currency,
    gross,
    cast(gross - after_discount as decimal(18, 2)) as discount,
    taxes as tax,
    shipping,
    net,
    cast(null as decimal(18, 2)) as cost_of_goods,
    replace(discount_codes, ', ', ';') as discount_codes,
    case when cancelled_at is not null then 'cancelled' else financial_status end as status,
    {{ shopify_is_paid('financial_status') }} as is_paid,
    channel,
    region,
    cast(null as boolean) as is_renewal,
    cast(null as boolean) as is_first_order,
    {{ provenance() }}
from {{ ref('stg_shopify__delivered_orders') }}
