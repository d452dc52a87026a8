with
    named as (
        select
            'partner ' || known.partner_id as player,
            -- A customer's id is a pseudonym, and means nothing to a reader.
            case
                when roster.partner_id is null and known.relationship = 'customer'
                then 'a customer'
                else coalesce(roster.name, known.partner_id)
            end as name
        from {{ ref('int_partners_known') }} as known
        left join {{ ref('int_partners_latest') }} as roster on roster.partner_id = known.partner_id

        union all

        select 'campaign ' || campaign_id as player, coalesce(name, campaign_id) as name
        from {{ ref('int_campaigns_latest') }}
    ),

    touches as (
        select
            shop,
            order_id,
            nth_from_first,
            touches_of_order,
            first_touched_at,
            {{ player('counted') }} as player,
            lag({{ player('counted') }}) over (partition by shop, order_id order by nth_from_first) as player_before
        from {{ ref('int_touches_counted') }} as counted
    ),

    -- The touches before an order.
    with_order as (
        select
            touches.shop,
            touches.order_id,
            {{ dbt.listagg('case when touches.player is distinct from touches.player_before then touches.player end', "' > '", 'order by touches.nth_from_first') }}
            as path,
            {{ dbt.listagg("case when touches.player is distinct from touches.player_before then coalesce(named.name, touches.player) end", "' > '", 'order by touches.nth_from_first') }}
            as names,
            max(touches.touches_of_order) as touches,
            min(touches.first_touched_at) as first_touched_at
        from touches
        left join named on named.player = touches.player
        group by touches.shop, touches.order_id
    ),

    continued as (
        select
            person,
            nth_journey,
            touch_id,
            touched_at,
            ended_on,
            {{ player('touches') }} as player,
            lag({{ player('touches') }}) over (
                partition by person, nth_journey order by touched_at, touch_id
            ) as player_before
        from {{ ref('int_touches_without_order') }} as touches
    ),

    without_order as (
        select
            continued.person,
            continued.nth_journey,
            {{ dbt.listagg('case when continued.player is distinct from continued.player_before then continued.player end', "' > '", 'order by continued.touched_at, continued.touch_id') }}
            as path,
            {{ dbt.listagg("case when continued.player is distinct from continued.player_before then coalesce(named.name, continued.player) end", "' > '", 'order by continued.touched_at, continued.touch_id') }}
            as names,
            max(continued.ended_on) as last_touched_on
        from continued
        left join named on named.player = continued.player
        group by continued.person, continued.nth_journey
    ),

    paths as (
        select
            with_order.path,
            with_order.names,
            cast({{ dbt.date_trunc('month', 'orders.ordered_on') }} as date) as month,
            with_order.touches,
            {{ seconds_between('with_order.first_touched_at', 'orders.ordered_at') }} / 86400.0 as days,
            orders.net - orders.refunded as net_revenue,
            true as has_order
        from with_order
        inner join
            {{ ref('int_orders_sold') }} as orders
            on orders.shop = with_order.shop
            and orders.order_id = with_order.order_id

        union all

        select
            without_order.path,
            without_order.names,
            cast({{ dbt.date_trunc('month', 'without_order.last_touched_on') }} as date) as month,
            cast(null as bigint) as touches,
            cast(null as {{ type_double() }}) as days,
            cast(null as decimal(18, 2)) as net_revenue,
            false as has_order
        from without_order
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
