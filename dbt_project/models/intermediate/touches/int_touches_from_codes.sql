{{ config(materialized='view') }}
with
    used as (
        select shop, order_id, ordered_at, {{ split_to_rows('discount_codes', ';') }} as part
        from {{ ref('int_orders_sold') }}
        where discount_codes is not null
    ),

    orders as (select distinct shop, order_id, ordered_at, upper(trim(part)) as code from used),

    -- In two joins, because the engine cannot hash one on either condition.
    owned as (
        select orders.*, codes.code as owned_code, codes.partner_id, codes.campaign_id, codes.valid_from, codes.valid_to
        from orders
        inner join {{ ref('int_codes_latest') }} as codes on codes.code = orders.code

        union all

        select orders.*, codes.code as owned_code, codes.partner_id, codes.campaign_id, codes.valid_from, codes.valid_to
        from orders
        inner join
            {{ ref('int_codes_latest') }} as codes
            on codes.is_prefix
            and codes.code <> orders.code
            and codes.code = left(orders.code, length(codes.code))
    )

select
    shop,
    order_id,
    'code ' || code as touch_id,
    ordered_at as touched_at,
    partner_id,
    campaign_id,
    cast(null as {{ dbt.type_string() }}) as platform,
    'code' as matched_by
from owned
where (valid_from is null or valid_from <= ordered_at) and (valid_to is null or valid_to >= ordered_at)
-- The whole code beats a prefix, a longer prefix a shorter one. Where periods of ownership overlap, the later owner has
-- the code.
qualify
    row_number() over (
        partition by shop, order_id, code order by length(owned_code) desc, valid_from desc nulls last, partner_id
    )
    = 1
