{%- set columns = columns_of_credits() + ['nth_from_first'] -%}
{%- for attribution_model in attribution_rules() %}{% do columns.append(attribution_model ~ '_ratio') %}{% endfor -%}

-- No two rows of an order are alike, so each leaves its mark, in whatever order they come.
with touched as (
    select
        shop,
        order_id,
        bit_xor({{ row_hash(columns) }}) as touches
    from {{ ref('int_touches_weighted') }}
    group by shop, order_id
),

moved as (
    select
        shop,
        order_id,
        bit_xor({{ row_hash(['kind', 'moved_on', 'nth_movement', 'balance']) }}) as movements
    from {{ ref('int_revenue_movements') }}
    group by shop, order_id
)

select
    touched.shop,
    touched.order_id,
    {{ row_hash(['touched.touches', 'moved.movements']) }} as inputs
from touched
inner join moved
    on moved.shop = touched.shop
    and moved.order_id = touched.order_id
