with
    refunds as (
        {{ latest_rows('refunds', key=['shop', 'refund_id'], feeds=[ref('stg_woocommerce__refunds')]) | indent(8) }}
    ),

    refunded as (select shop, order_id, sum(amount) as refunded from refunds group by shop, order_id),

    orders as (
        select delivered.*, refunded.refunded
        from {{ ref('stg_woocommerce__delivered_rows') }} as delivered
        left join refunded on refunded.shop = delivered.shop and refunded.order_id = delivered.order_id
        where not delivered.is_refund
    )

select
    shop,
    order_id,
    case when order_number <> order_id then order_number end as order_refs,
    customer_id,
    customer_email,
    customer_phone,
    happened_at as ordered_at,
    currency,
    subtotal as gross,
    discount,
    tax,
    shipping,
    net,
    cast(null as decimal(18, 2)) as cost_of_goods,
    codes as discount_codes,
    case
        when status in ('pending', 'pending-payment', 'on-hold', 'checkout-draft', 'auto-draft')
        then 'draft'
        -- Its refunds take it back on their days, once all of them are dated.
        when status = 'trash' or (status = 'refunded' and coalesce(refunded < net - 0.05, true))
        then 'cancelled'
        else status
    end as status,
    {{ woocommerce_is_paid('status') }} as is_paid,
    cast(null as {{ dbt.type_string() }}) as channel,
    region,
    cast(null as boolean) as is_renewal,
    case customer_type when 'new' then true when 'returning' then false end as is_first_order,
    {{ provenance() }}
from orders
