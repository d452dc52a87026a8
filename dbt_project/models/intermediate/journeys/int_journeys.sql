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
    marked as (
        select
            *,
            player
            is distinct from lag(player) over (partition by shop, order_id, journey order by nth_step) as is_new_player
        from steps
    ),

    merged as (
        select
            marked.*,
            coalesce(named.name, marked.player) as name,
            count(*) over (partition by marked.shop, marked.order_id, marked.journey) as steps_of_journey
        from marked
        left join {{ ref('int_player_names') }} as named on named.player = marked.player
        where marked.is_new_player
    ),

    -- Most journeys have one step, so there is nothing to join.
    -- DuckDB keeps the texts of the others in memory until all are joined.
    journeys as (
        select month, shop, order_id, player as path, name as names, touches, first_touched_at
        from merged
        where steps_of_journey = 1

        union all

        select
            month,
            shop,
            order_id,
            {{ dbt.listagg('player', "' > '", 'order by nth_step') }} as path,
            {{ dbt.listagg('name', "' > '", 'order by nth_step') }} as names,
            max(touches) as touches,
            min(first_touched_at) as first_touched_at
        from merged
        where steps_of_journey > 1
        group by month, shop, order_id, journey
    )

select
    journeys.shop,
    journeys.order_id,
    journeys.path,
    journeys.names,
    journeys.touches,
    journeys.first_touched_at,
    months.month,
    months.inputs_hash
from months
left join journeys on journeys.month = months.month
