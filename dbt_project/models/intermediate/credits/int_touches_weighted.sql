with aged as (
    select
        *,
        -- Where all touches fall on one instant, the best evidence is both first and last; the next one is then last.
        max(case when nth_from_first = 1 and nth_from_last = 1 then 1 else 0 end) over (
            partition by shop, order_id
        ) as is_first_also_last,
        {{ seconds_between('touched_at', 'ordered_at') }} / 86400.0 as days_before,
        -- Weights relative to the newest touch: of touches a year before their order nothing would be left.
        min({{ seconds_between('touched_at', 'ordered_at') }}) over (
            partition by shop, order_id
        ) / 86400.0 as days_before_of_newest,
        count(*) over (partition by shop, order_id, player) as touches_of_player
    from {{ ref('int_touches_related') }}
),

{{ weigh_touches(
    'aged', attribution_rules(),
    columns_of_credits() ~ ', player, touches_of_player < touches_of_order as has_other_players, nth_from_first'
) }}
