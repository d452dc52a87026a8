{{ config(materialized='incremental') }}
-- What is shared is the balance after each movement, and a movement's credit is the
-- difference to the balance before: so the parts add up to every movement and to the order,
-- and of an order that is wholly refunded nothing is left with anybody. Whole cents first,
-- then the cents that are left over go to the largest remainders (Hamilton's method), of
-- equal ones to those that a hash puts first.
with
    months as ({{ months_to_build() | indent(4) }}),

    shares as (
        select
            touches.*,
            movements.kind,
            movements.moved_on,
            movements.nth_movement,
            cast(movements.balance * 100 as bigint) as cents
            {%- for attribution_model in sharing_models() %}
                ,
                cast(movements.balance * 100 as {{ type_double() }})
                * touches.{{ attribution_model }}_ratio as {{ attribution_model }}_exact
            {%- endfor %}
        from {{ ref('int_touches_weighted') }} as touches
        inner join
            {{ ref('int_revenue_movements') }} as movements
            on movements.shop = touches.shop
            and movements.order_id = touches.order_id
        where touches.month in (select month from months)
    ),

    floored as (
        select
            *
            {%- for attribution_model in sharing_models() %}
                ,
                cast(floor({{ attribution_model }}_exact) as bigint) as {{ attribution_model }}_whole,
                cents - sum(cast(floor({{ attribution_model }}_exact) as bigint)) over (
                    partition by shop, order_id, kind, moved_on
                ) as {{ attribution_model }}_left,
                row_number() over (
                    partition by shop, order_id, kind, moved_on
                    order by
                        {{ attribution_model }}_exact - floor({{ attribution_model }}_exact) desc nulls last,
                        nth_by_hash
                ) as {{ attribution_model }}_nth_remainder
            {%- endfor %}
        from shares
    ),

    shared as (
        select
            *
            {%- for attribution_model in winner_models() %}
                , case when {{ attribution_model }}_ratio is not null then cents end as {{ attribution_model }}_shared
            {%- endfor %}
            {%- for attribution_model in sharing_models() %}
                ,
                {{ attribution_model }}_whole + case
                    when {{ attribution_model }}_nth_remainder <= {{ attribution_model }}_left
                    then 1
                    -- Floating point may floor one share too high; the first gives the cent back.
                    when {{ attribution_model }}_nth_remainder = 1 and {{ attribution_model }}_left < 0
                    then {{ attribution_model }}_left
                    else 0
                end as {{ attribution_model }}_shared
            {%- endfor %}
        from floored
    )

select
    {%- for column in columns_of_credits() + ['kind', 'moved_on'] %} shared.{{ column }}, {%- endfor %}
    {%- for attribution_model in attribution_models() %}
        shared.{{ attribution_model }}_ratio,
        cast(
            (
                shared.{{ attribution_model }}_shared - coalesce(
                    lag(shared.{{ attribution_model }}_shared) over (
                        partition by shared.shop, shared.order_id, shared.touch_id, shared.kind = 'cost_of_goods'
                        order by shared.nth_movement
                    ),
                    0
                )
            )
            / 100.0 as decimal(18, 2)
        ) as {{ attribution_model }}_amount,
    {%- endfor %}
    months.month,
    months.inputs_hash
from months
left join shared on shared.month = months.month
