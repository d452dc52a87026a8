{{ config(materialized='view') }}
-- Where nobody bought, a journey is over when a whole lookback passes without a touch.
with left_over as (
    select
        touches.*,
        case
            when touches.touched_at <= lag(touches.touched_at) over (
                partition by touches.person order by touches.touched_at, touches.touch_id
            ) + settings.lookback_days * interval '1' day
                then 0
            else 1
        end as is_first_of_journey
    from {{ ref('int_touches_unclaimed') }} as touches
    cross join {{ ref('stg_plan__settings') }} as settings
),

numbered as (
    select
        *,
        sum(is_first_of_journey) over (
            partition by person order by touched_at, touch_id
            rows between unbounded preceding and current row
        ) as nth_journey
    from left_over
)

select
    'order ' || touches.shop || ' ' || touches.order_id as journey_id,
    touches.nth_from_first as nth_step,
    {{ player('touches') }} as player,
    true as is_converted
from {{ ref('int_touches_counted') }} as touches

union all

select
    person || ' ' || nth_journey as journey_id,
    row_number() over (partition by person, nth_journey order by touched_at, touch_id) as nth_step,
    player,
    false as is_converted
from numbered
