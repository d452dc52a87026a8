-- Whole cents first, then the cents that are left over go to the largest remainders (Hamilton's method), so that the
-- parts of every movement add up to it exactly.
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
        cast(movements.amount * 100 as bigint) as cents,
        cast(movements.amount * 100 as {{ type_double() }}) * weights.credit_ratio as exact_cents
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
        whole_cents
        + case
            when nth_remainder <= cents_left then 1
            -- Floating point may floor one share too high; the first takes the cent back.
            when nth_remainder = 1 and cents_left < 0 then cents_left
            else 0
        end
    ) / 100.0 as decimal(18, 2)) as amount
from floored
