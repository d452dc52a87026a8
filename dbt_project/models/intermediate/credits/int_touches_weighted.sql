with aged as (
    select
        *,
        {{ seconds_between('touched_at', 'last_touched_at') }} / 86400.0 as days_before_last_touch,
        count(*) over (partition by shop, order_id, player) as touches_of_player
    from {{ ref('int_touches_related') }}
),

{{ weigh_touches(
    'aged', attribution_rules(),
    columns_of_credits() + ['player', 'touches_of_player < touches_of_order as has_other_players', 'nth_from_first']
) }}
