-- Whole each night: the removal effects change with every journey, and with them the credits of all orders.
with touches as (
    select * from {{ ref('int_touches_weighted') }}
),

{{ share_among_touches(['markov'], 'shop, order_id, touch_id') }}
