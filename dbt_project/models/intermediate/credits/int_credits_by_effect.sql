{%- set key = ['shop', 'order_id', 'touch_id'] -%}
with contested as (
    select
        touches.shop,
        touches.order_id,
        touches.touch_id,
        touches.nth_from_first,
        -- Relative to the largest of the order, so that fixed point holds them whatever their size. Where all are 0 nobody
        -- has a share (null, not 0 / 0), and the test that credits add up says so.
        coalesce(effects.removal_effect, 0) / nullif(max(effects.removal_effect) over (
            partition by touches.shop, touches.order_id
        ), 0) as relative_removal_effect
    from {{ ref('int_touches_weighted') }} as touches
    left join {{ ref('int_removal_effects') }} as effects
        on effects.player = touches.player
    where touches.has_other_players
),

touches as (
    with {{ weigh_touches('contested', ['markov'], key + ['nth_from_first']) | indent(4) }}
),

{{ share_among_touches(['markov'], key) }}
