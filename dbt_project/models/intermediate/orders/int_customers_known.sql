with
    customers as (
        select
            customers.shop,
            {{ identified_person() }} as customer_id,
            customers.first_ordered_at,
            customers.orders,
            {{ delivered_at() }} as delivered_at
        from {{ ref('int_customers_latest') }} as customers {{ joined_identities('customers') }}
    ),

    -- A person may have several accounts of a shop.
    known as (
        select
            shop,
            customer_id,
            min(first_ordered_at) as first_ordered_at,
            sum(orders) as orders,
            max(delivered_at) as delivered_at
        from customers
        where customer_id is not null
        group by shop, customer_id
    ),

    compared as (
        select
            known.shop,
            known.customer_id,
            {{ day_in_zone('known.first_ordered_at', 'settings.timezone') }} as first_ordered_on,
            known.orders,
            min(orders.ordered_on) as first_delivered_on,
            count(
                case when orders.shop = known.shop and orders.ordered_at <= known.delivered_at then 1 end
            ) as delivered
        from known
        cross join {{ ref('stg_plan__settings') }} as settings
        inner join {{ ref('int_orders_priced') }} as orders on orders.customer_id = known.customer_id
        group by 1, 2, 3, 4
    )

select customer_id
from compared
group by customer_id
having bool_or(coalesce(first_ordered_on < first_delivered_on, false) or coalesce(orders > delivered, false))
