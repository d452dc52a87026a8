-- Whole each night: the removal effects change with every journey, and with them the credits of all orders.
with touches as (
    select touches.*, inputs.inputs
    from {{ ref('int_touches_weighted') }} as touches
    inner join {{ ref('int_credit_inputs') }} as inputs
        on inputs.shop = touches.shop
        and inputs.order_id = touches.order_id
),

{{ share_among_touches(['markov']) }}
