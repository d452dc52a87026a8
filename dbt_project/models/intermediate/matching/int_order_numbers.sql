with
    referred as (
        select shop, order_id, {{ split_to_rows('order_refs', ';') }} as part
        from {{ ref('int_orders_priced') }}
        where order_refs is not null
    ),

    numbers as (
        select shop, order_id, {{ order_number('order_id') }} as number, 'order_id' as matched_by
        from {{ ref('int_orders_priced') }}

        union all

        select shop, order_id, {{ order_number('part') }} as number, 'order_ref' as matched_by
        from referred
    )

select shop, order_id, number, min(matched_by) as matched_by
from numbers
where number is not null
group by shop, order_id, number
