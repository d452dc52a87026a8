with
    touches as (
        select
            touches.order_month as month,
            touches.player,
            touches.shop,
            touches.order_id,
            case when touches.nth_from_first = 1 then 1 else 0 end as orders,
            {{ row_hash([
                "'touch'", 'touches.shop', 'touches.order_id', 'touches.touch_id', 'touches.touched_at', 'touches.evidence',
                'touches.partner_id', 'touches.campaign_id', 'touches.platform', 'touches.relationship',
                'touches.is_connected', 'touches.is_new_customer', 'touches.nth_from_first', 'touches.nth_from_last',
                'touches.nth_by_evidence',
            ]) }}
            as row_hash
        from {{ ref('int_touches_related') }} as touches
    ),

    left_over as (
        select
            touches.ended_month as month,
            {{ player('touches') }} as player,
            {{ row_hash([
                "'touch without order'", 'touches.person', 'touches.nth_journey', 'touches.touch_id', 'touches.touched_at',
                'touches.partner_id', 'touches.campaign_id', 'touches.platform',
            ]) }}
            as row_hash
        from {{ ref('int_touches_without_order') }} as touches
    ),

    players as (
        select month, player
        from touches
        union
        select month, player
        from left_over
    ),

    parts as (
        select month, orders, row_hash
        from touches

        union all

        select month, 0 as orders, row_hash
        from left_over

        union all

        select
            touches.month,
            0 as orders,
            {{ row_hash([
                "'movement'", 'movements.shop', 'movements.order_id', 'movements.kind', 'movements.moved_on',
                'movements.amount', 'orders.ordered_at',
            ]) }} as row_hash
        from touches
        inner join
            {{ ref('int_revenue_movements') }} as movements
            on movements.shop = touches.shop
            and movements.order_id = touches.order_id
        inner join
            {{ ref('int_orders_sold') }} as orders on orders.shop = touches.shop and orders.order_id = touches.order_id
        where touches.orders = 1

        union all

        select players.month, 0 as orders, {{ row_hash(["'name'", 'players.player', 'named.name']) }} as row_hash
        from players
        inner join {{ ref('int_player_names') }} as named on named.player = players.player
    )

select
    parts.month,
    cast(sum(parts.orders) as bigint) as orders,
    -- Whatever the order of the rows.
    {{ sum_of_hashes('parts.row_hash') }}
    || ' of '
    || cast(count(*) as {{ dbt.type_string() }})
    || ', repeats: '
    || max(settings.markov_repeats) as inputs_hash
from parts
cross join {{ ref('stg_plan__settings') }} as settings
group by parts.month
