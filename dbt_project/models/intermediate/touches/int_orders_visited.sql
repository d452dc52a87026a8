-- What is learned later than a day after an order does not change it.
select orders.shop, orders.order_id, orders.ordered_at, visitors.visitor_id
from {{ ref('int_orders_sold') }} as orders
inner join
    {{ ref('int_visitors_identified') }} as visitors
    on visitors.customer_id = orders.customer_id
    and visitors.identified_at <= {{ last_identified_at('orders.ordered_at') }}
    and (visitors.identified_until is null or visitors.identified_until > {{ last_identified_at('orders.ordered_at') }})

union

select shop, order_id, ordered_at, visitor_id
from {{ ref('int_clicks_placing') }}
where visitor_id is not null
