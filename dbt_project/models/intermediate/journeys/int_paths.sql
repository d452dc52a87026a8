{{ config(materialized='incremental') }}
with
    months as ({{ months_to_build() | indent(4) }}),

    measured as (
        select
            journeys.month,
            journeys.path,
            journeys.names,
            journeys.touches,
            -- Fixed point, because sums of doubles depend on the order of rows.
            cast({{ seconds_between('journeys.first_touched_at', 'orders.ordered_at') }} as decimal(38, 6)) as seconds,
            orders.net - orders.refunded as net_revenue,
            orders.order_id is not null as has_order
        from {{ ref('int_journeys') }} as journeys
        left join
            {{ ref('int_orders_sold') }} as orders
            on orders.shop = journeys.shop
            and orders.order_id = journeys.order_id
        where journeys.month in (select month from months) and journeys.path is not null
    ),

    paths as (
        select
            month,
            path,
            min(names) as names,
            cast(sum(touches) as {{ type_double() }}) / nullif(count(case when has_order then 1 end), 0) as touches,
            cast(sum(seconds) as {{ type_double() }})
            / 86400
            / nullif(count(case when has_order then 1 end), 0) as days,
            count(case when has_order then 1 end) as orders,
            cast(coalesce(sum(net_revenue), 0) as decimal(18, 2)) as net_revenue,
            count(case when not has_order then 1 end) as paths_without_order
        from measured
        group by month, path
    )

select
    paths.path,
    paths.names,
    paths.touches,
    paths.days,
    paths.orders,
    paths.net_revenue,
    paths.paths_without_order,
    months.month,
    months.inputs_hash
from months
left join paths on paths.month = months.month
