with
    refunds as (
        select shop, order_id, sum(amount) as refunded from {{ ref('int_refunds_priced') }} group by shop, order_id
    )

select
    orders.shop,
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.ordered_on,
    orders.discount_codes,
    orders.net,
    orders.cost_of_goods,
    orders.is_paid,
    orders.channel,
    orders.region,
    orders.is_renewal,
    cast(coalesce(refunds.refunded, 0) as decimal(18, 2)) as refunded,
    case
        when orders.customer_id is null
        then orders.is_first_order
        else
            row_number() over (partition by orders.customer_id order by orders.ordered_at, orders.shop, orders.order_id)
            = 1
            and known.customer_id is null
            and coalesce(orders.is_first_order, true)
    end as is_new_customer
from {{ ref('int_orders_priced') }} as orders
left join refunds on refunds.shop = orders.shop and refunds.order_id = orders.order_id
left join {{ ref('int_customers_known') }} as known on known.customer_id = orders.customer_id
where orders.excluded_because is null
