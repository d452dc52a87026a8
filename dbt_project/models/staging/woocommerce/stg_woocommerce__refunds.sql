{{ config(materialized='table') }}
with
    -- An amount has tax and shipping in it, in proportion; the
    -- total has fees, too, which are no merchandise either.
    refunds as (
        select
            shop,
            order_id,
            refunded_at,
            paid_back * (
                cast(net as {{ type_double() }}) / nullif(
                    case
                        when total > net + coalesce(tax, 0) + coalesce(shipping, 0)
                        then total
                        else net + coalesce(tax, 0) + coalesce(shipping, 0)
                    end,
                    0
                )
            ) as amount,
            currency,
            {{ provenance() }}
        from {{ ref('stg_woocommerce__refund_items') }}

        union all

        -- Rows that are alike are one that came twice.
        select
            shop,
            order_id,
            happened_at as refunded_at,
            - net_sales as amount,
            currency,
            _entry,
            _delivery,
            _delivery_order,
            _file,
            min(_row) as _row
        from {{ ref('stg_woocommerce__delivered_rows') }}
        where is_refund
        group by shop, order_id, happened_at, net_sales, currency, _entry, _delivery, _delivery_order, _file
    )

-- Both exports know a refund by its order and its second, and so it counts once.
select
    shop,
    order_id || ':' || cast(refunded_at as {{ dbt.type_string() }}) as refund_id,
    order_id,
    refunded_at,
    cast(round(sum(amount), 2) as decimal(18, 2)) as amount,
    max(currency) as currency,
    _entry,
    _delivery,
    _delivery_order,
    _file,
    min(_row) as _row
from refunds
where amount > 0 and refunded_at is not null
group by shop, order_id, refunded_at, _entry, _delivery, _delivery_order, _file
