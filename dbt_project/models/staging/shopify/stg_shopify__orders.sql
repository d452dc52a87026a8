select
    shop,
    order_id,
    customer_id,
    created_at as ordered_at,
    currency,
    cast(gross as decimal(18, 2)) as gross,
    cast(gross - subtotal as decimal(18, 2)) as discount,
    taxes as tax,
    shipping,
    net,
    cast(null as decimal(18, 2)) as cost_of_goods,
    replace(discount_codes, ', ', ';') as discount_codes,
    case when cancelled_at is not null then 'cancelled' else financial_status end as status,
    {{ provenance() }}
from {{ ref('stg_shopify__delivered_orders') }}
