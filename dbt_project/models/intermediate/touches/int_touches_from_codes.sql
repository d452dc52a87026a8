{{ config(materialized='view') }}
with
    used as (
        select shop, order_id, ordered_at, {{ split_to_rows('discount_codes', ';') }} as part
        from {{ ref('int_orders_sold') }}
        where discount_codes is not null
    ),

    orders as (select distinct shop, order_id, ordered_at, upper(trim(part)) as code from used)

select
    orders.shop,
    orders.order_id,
    'code ' || codes.code as touch_id,
    orders.ordered_at as touched_at,
    codes.partner_id,
    codes.campaign_id,
    cast(null as {{ dbt.type_string() }}) as platform
from orders
inner join
    {{ ref('int_codes_latest') }} as codes
    on codes.code = orders.code
    and (codes.valid_from is null or codes.valid_from <= orders.ordered_at)
    and (codes.valid_to is null or codes.valid_to >= orders.ordered_at)
-- Where periods of ownership overlap, the later owner has the code.
qualify
    row_number() over (
        partition by orders.shop, orders.order_id, codes.code
        order by codes.valid_from desc nulls last, codes.partner_id
    )
    = 1
