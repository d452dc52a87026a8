with
    totals as (
        select
            *,
            refunded_amount - coalesce(
                lag(refunded_amount) over (partition by shop, order_id order by _delivery_order), 0
            ) as newly_refunded
        from {{ ref('stg_shopify__delivered_orders') }}
        where refunded_amount is not null
    )

select
    shop,
    order_id || ':' || cast(refunded_amount as {{ dbt.type_string() }}) as refund_id,
    order_id,
    {{ delivered_at() }} as refunded_at,
    cast(round(cast(newly_refunded * net as {{ type_double() }}) / nullif(total, 0), 2) as decimal(18, 2)) as amount,
    currency,
    {{ provenance() }}
from totals
where newly_refunded > 0
