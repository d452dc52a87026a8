{%- set of_person = 'partition by touches.person order by touches.touched_at, touches.touch_id' %}
with
    by_person as (
        select
            touches.*,
            touches.touched_at + settings.lookback_days * interval '1' day as counts_until,
            coalesce(
                lag(touches.touched_at) over ({{ of_person }}) + settings.lookback_days * interval '1' day
                >= touches.touched_at
                and not lag(touches.is_claimed) over ({{ of_person }}),
                false
            ) as continues,
            lead(touches.touched_at) over ({{ of_person }}) as touched_next_at,
            lead(touches.is_claimed) over ({{ of_person }}) as is_next_claimed
        from {{ ref('int_touches_of_people') }} as touches
        cross join {{ ref('stg_plan__settings') }} as settings
    ),

    numbered as (
        select
            *,
            sum(case when continues then 0 else 1 end) over (
                partition by person order by touched_at, touch_id rows between unbounded preceding and current row
            ) as nth_journey
        from by_person
        where not is_claimed
    ),

    -- Somebody bought who was touched once more in time, and the order has that touch.
    ended as (
        select
            *,
            max(touched_on) over (partition by person, nth_journey) as ended_on,
            max(case when is_next_claimed and touched_next_at <= counts_until then 1 else 0 end) over (
                partition by person, nth_journey
            )
            = 1 as is_bought_later
        from numbered
    )

select
    touches.touch_id,
    touches.person,
    touches.nth_journey,
    touches.touched_at,
    cast({{ dbt.date_trunc('month', 'touches.ended_on') }} as date) as ended_month,
    touches.partner_id,
    touches.campaign_id,
    touches.platform
from ended as touches
cross join {{ ref('stg_plan__settings') }} as settings
cross join {{ ref('stg_plan__today') }} as today
where not touches.is_bought_later and touches.ended_on + settings.lookback_days * interval '1' day < today.as_of
