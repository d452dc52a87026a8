with
    -- The touches before an order, and those of journeys that ended without one.
    steps as (
        select
            shop,
            order_id,
            cast(null as {{ dbt.type_string() }}) as journey,
            nth_from_first as nth_step,
            touches_of_order as touches,
            first_touched_at,
            cast(null as date) as ended_on,
            {{ player('counted') }} as player
        from {{ ref('int_touches_counted') }} as counted

        union all

        select
            cast(null as {{ dbt.type_string() }}) as shop,
            cast(null as {{ dbt.type_string() }}) as order_id,
            person || ' ' || nth_journey as journey,
            row_number() over (partition by person, nth_journey order by touched_at, touch_id) as nth_step,
            cast(null as bigint) as touches,
            cast(null as timestamp) as first_touched_at,
            ended_on,
            {{ player('left_over') }} as player
        from {{ ref('int_touches_without_order') }} as left_over
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
            merged.shop,
            merged.order_id,
            {{ dbt.listagg('case when merged.is_new_player then merged.player end', "' > '", 'order by merged.nth_step') }}
            as path,
            {{ dbt.listagg('case when merged.is_new_player then coalesce(named.name, merged.player) end', "' > '", 'order by merged.nth_step') }}
            as names,
            max(merged.touches) as touches,
            min(merged.first_touched_at) as first_touched_at,
            max(merged.ended_on) as ended_on
        from merged
        left join {{ ref('int_player_names') }} as named on named.player = merged.player
        group by merged.shop, merged.order_id, merged.journey
    ),

    paths as (
        select
            journeys.path,
            journeys.names,
            cast({{ dbt.date_trunc('month', 'coalesce(orders.ordered_on, journeys.ended_on)') }} as date) as month,
            journeys.touches,
            {{ seconds_between('journeys.first_touched_at', 'orders.ordered_at') }} / 86400.0 as days,
            orders.net - orders.refunded as net_revenue,
            orders.order_id is not null as has_order
        from journeys
        left join
            {{ ref('int_orders_sold') }} as orders
            on orders.shop = journeys.shop
            and orders.order_id = journeys.order_id
        where journeys.order_id is null or orders.order_id is not null
    )

select
    path,
    month,
    min(names) as names,
    cast(sum(touches) as {{ type_double() }}) / nullif(count(case when has_order then 1 end), 0) as touches,
    {{ sum_of_shares('days') }} / nullif(count(case when has_order then 1 end), 0) as days,
    count(case when has_order then 1 end) as orders,
    cast(coalesce(sum(net_revenue), 0) as decimal(18, 2)) as net_revenue,
    count(case when not has_order then 1 end) as paths_without_order
from paths
group by path, month
