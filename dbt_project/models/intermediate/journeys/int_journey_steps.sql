{{ config(materialized='view') }}
{%- set of_person = 'partition by touches.person order by touches.touched_at, touches.touch_id' %}
with
    left_over as (
        select
            touches.player,
            touches.touched_at,
            lag(touches.player) over ({{ of_person }}) as player_before,
            lag(touches.touched_at) over ({{ of_person }}) as touched_before,
            lead(touches.touched_at) over ({{ of_person }}) as touched_after,
            settings.lookback_days * interval '1' day as lookback
        from {{ ref('int_touches_unclaimed') }} as touches
        cross join {{ ref('stg_plan__settings') }} as settings
    )

select
    {{ player('touches') }} as player,
    lag({{ player('touches') }}) over (
        partition by touches.shop, touches.order_id order by touches.nth_from_first
    ) as came_from,
    touches.nth_from_first = touches.touches_of_order as is_last,
    true as is_converted
from {{ ref('int_touches_counted') }} as touches

union all

-- Where nobody bought, a journey is over when a whole lookback passes without a touch.
select
    player,
    case when touched_at <= touched_before + lookback then player_before end as came_from,
    not coalesce(touched_after <= touched_at + lookback, false) as is_last,
    false as is_converted
from left_over
