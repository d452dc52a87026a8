with
    movements as (
        select shop, order_id, 'sale' as kind, ordered_on as moved_on, net as amount
        from {{ ref('int_orders_sold') }}

        union all

        select
            orders.shop,
            orders.order_id,
            'refund' as kind,
            refunds.refunded_on as moved_on,
            - sum(refunds.amount) as amount
        from {{ ref('int_orders_sold') }} as orders
        inner join
            {{ ref('int_refunds_priced') }} as refunds
            on refunds.shop = orders.shop
            and refunds.order_id = orders.order_id
        group by orders.shop, orders.order_id, refunds.refunded_on

        union all

        select shop, order_id, 'cost_of_goods' as kind, ordered_on as moved_on, cost_of_goods as amount
        from {{ ref('int_orders_sold') }}
        where cost_of_goods is not null
    )

select
    shop,
    order_id,
    kind,
    moved_on,
    cast(amount as decimal(18, 2)) as amount,
    row_number() over (
        partition by shop, order_id, kind = 'cost_of_goods' order by kind = 'refund', moved_on
    ) as nth_movement,
    cast(
        sum(amount) over (
            partition by shop, order_id, kind = 'cost_of_goods'
            order by kind = 'refund', moved_on
            rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as balance
from movements
