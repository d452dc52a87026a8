{{ config(meta={'dagster': {'ref': {'name': 'results__orders'}}}) }}
-- Orders that are sales, minus their refunds, computed without any of the models in between.
with
    marts as (select coalesce(sum(net_revenue), 0) as net_revenue from {{ ref('results__orders') }}),

    delivered as (
        select
            (select coalesce(sum(net), 0) from {{ ref('int_orders_priced') }} where excluded_because is null) - (
                select coalesce(sum(refunds.amount), 0)
                from {{ ref('int_refunds_priced') }} as refunds
                where
                    exists (
                        select 1
                        from {{ ref('int_orders_priced') }} as orders
                        where
                            orders.shop = refunds.shop
                            and orders.order_id = refunds.order_id
                            and orders.excluded_because is null
                    )
            ) as net_revenue
    )

select marts.net_revenue, delivered.net_revenue as delivered
from marts
cross join delivered
where marts.net_revenue <> delivered.net_revenue
