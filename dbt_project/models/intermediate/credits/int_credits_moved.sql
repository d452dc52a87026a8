-- What is shared is the balance after each movement, and a movement's credit is the difference to the balance before: so
-- the parts add up to every movement and to the order, and of an order that is wholly refunded nothing is left with
-- anybody. Whole cents first, then the cents that are left over go to the largest remainders (Hamilton's method).
with shares as (
    select
        weights.shop,
        weights.order_id,
        weights.attribution_model,
        weights.touch_id,
        weights.credit_ratio,
        weights.nth_from_first,
        movements.kind,
        movements.moved_on,
        movements.nth_movement,
        cast(movements.balance * 100 as bigint) as cents,
        cast(movements.balance * 100 as {{ type_double() }}) * weights.credit_ratio as exact_cents
    from {{ ref('int_touches_weighted') }} as weights
    inner join {{ ref('int_revenue_movements') }} as movements
        on movements.shop = weights.shop
        and movements.order_id = weights.order_id
),

floored as (
    select
        *,
        cast(floor(exact_cents) as bigint) as whole_cents,
        cents - sum(cast(floor(exact_cents) as bigint)) over (
            partition by shop, order_id, attribution_model, kind, moved_on
        ) as cents_left,
        row_number() over (
            partition by shop, order_id, attribution_model, kind, moved_on
            order by exact_cents - floor(exact_cents) desc, nth_from_first
        ) as nth_remainder
    from shares
),

shared as (
    select
        *,
        whole_cents + case
            when nth_remainder <= cents_left then 1
            -- Floating point may floor one share too high; the first takes the cent back.
            when nth_remainder = 1 and cents_left < 0 then cents_left
            else 0
        end as shared_cents
    from floored
)

select
    shop,
    order_id,
    attribution_model,
    touch_id,
    credit_ratio,
    kind,
    moved_on,
    cast((
        shared_cents - coalesce(lag(shared_cents) over (
            partition by shop, order_id, attribution_model, touch_id, kind = 'cost_of_goods'
            order by nth_movement
        ), 0)
    ) / 100.0 as decimal(18, 2)) as amount
from shared
