{{ config(materialized='incremental') }}
with
    months as ({{ months_to_build() | indent(4) }}),

    -- The touches before an order, and those of journeys that ended without one.
    steps as (
        select
            order_month as month,
            shop,
            order_id,
            cast(null as {{ dbt.type_string() }}) as journey,
            nth_from_first as nth_step,
            touches_of_order as touches,
            first_touched_at,
            {{ player('counted') }} as player
        from {{ ref('int_touches_counted') }} as counted
        where order_month in (select month from months)

        union all

        select
            ended_month as month,
            cast(null as {{ dbt.type_string() }}) as shop,
            cast(null as {{ dbt.type_string() }}) as order_id,
            person || ' ' || nth_journey as journey,
            row_number() over (partition by person, nth_journey order by touched_at, touch_id) as nth_step,
            cast(null as bigint) as touches,
            cast(null as timestamp) as first_touched_at,
            {{ player('left_over') }} as player
        from {{ ref('int_touches_without_order') }} as left_over
        where ended_month in (select month from months)
    ),

    -- A player who is met several times in a row is one step.
    merged as (
        select
            *,
            player
            is distinct from lag(player) over (partition by shop, order_id, journey order by nth_step) as is_new_player
        from steps
    ),

    journeys as (
        select
            merged.month,
            merged.shop,
            merged.order_id,
            {{ dbt.listagg('case when merged.is_new_player then merged.player end', "' > '", 'order by merged.nth_step') }}
            as path,
            {{ dbt.listagg('case when merged.is_new_player then coalesce(named.name, merged.player) end', "' > '", 'order by merged.nth_step') }}
            as names,
            max(merged.touches) as touches,
            min(merged.first_touched_at) as first_touched_at
        from merged
        left join {{ ref('int_player_names') }} as named on named.player = merged.player
        group by merged.month, merged.shop, merged.order_id, merged.journey
    ),

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
        from journeys
        left join
            {{ ref('int_orders_sold') }} as orders
            on orders.shop = journeys.shop
            and orders.order_id = journeys.order_id
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
