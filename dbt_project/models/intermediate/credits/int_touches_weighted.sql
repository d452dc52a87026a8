{%- set weights = {
    'first_touch': 'case when nth_from_first = 1 then 1.0 else 0 end',
    'last_touch': 'case when nth_from_last = 1 then 1.0 else 0 end',
    'linear': '1.0',
    'position_based': 'case
            when touches_of_order <= 2 then 1.0
            when nth_from_first = 1 or nth_from_last = 1 + is_first_also_last then 0.4
            else 0.2 / (touches_of_order - 2)
        end',
    'time_decay': 'power(2.0, (days_before_of_newest - days_before) / 7.0)',
    'evidence_order': 'case when nth_by_evidence = 1 then 1.0 else 0 end',
    'markov': 'removal_effect',
    'shapley': '1.0 / touches_of_player',
} -%}

with touches as (
    select
        touches.*,
        -- Where all touches fall on one instant, the best evidence is both first and last; the next one is then last.
        max(case when nth_from_first = 1 and nth_from_last = 1 then 1 else 0 end) over (
            partition by touches.shop, touches.order_id
        ) as is_first_also_last,
        {{ seconds_between('touches.touched_at', 'orders.ordered_at') }} / 86400.0 as days_before,
        -- Weights relative to the newest touch: of touches a year before their order nothing would be left.
        min({{ seconds_between('touches.touched_at', 'orders.ordered_at') }}) over (
            partition by touches.shop, touches.order_id
        ) / 86400.0 as days_before_of_newest,
        count(*) over (partition by touches.shop, touches.order_id, {{ player('touches') }}) as touches_of_player,
        effects.removal_effect
    from {{ ref('int_touches_counted') }} as touches
    inner join {{ ref('int_orders_sold') }} as orders
        on orders.shop = touches.shop
        and orders.order_id = touches.order_id
    inner join {{ ref('int_removal_effects') }} as effects
        on effects.player = {{ player('touches') }}
),

weighted as (
    {%- for attribution_model, weight in weights.items() %}
    {% if not loop.first %}union all{% endif %}
    select
        shop,
        order_id,
        '{{ attribution_model }}' as attribution_model,
        touch_id,
        nth_from_first,
        cast({{ weight }} as {{ type_double() }}) as weight
    from touches
    {%- endfor %}
),

-- Relative to the largest of the order, so that fixed point holds them whatever their size.
scaled as (
    select
        *,
        weight / max(weight) over (partition by shop, order_id, attribution_model) as share
    from weighted
    where weight > 0
)

select
    shop,
    order_id,
    attribution_model,
    touch_id,
    nth_from_first,
    -- Added up in fixed point, because the engine may add in any order and the last digit must not depend on it.
    share / cast(sum(cast(share as decimal(38, 15))) over (
        partition by shop, order_id, attribution_model
    ) as {{ type_double() }}) as credit_ratio
from scaled
