select
    shop,
    order_id,
    customer_id,
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
        when status in ('pending', 'on-hold', 'checkout-draft', 'auto-draft') then 'draft'
        when status in ('trash', 'refunded') then 'cancelled'
        else status
    end as status,
    {{ provenance() }}
from {{ ref('stg_woocommerce__delivered_orders') }}
