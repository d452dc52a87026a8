{{ config(materialized='view') }}
with
    steps as (
        select
            touches.order_month as month,
            true as is_converted,
            {{ columns_of_steps('partition by touches.shop, touches.order_id order by touches.nth_from_first') | indent(12) }}
        from {{ ref('int_touches_counted') }} as touches

        union all

        select
            cast({{ dbt.date_trunc('month', 'touches.ended_on') }} as date) as month,
            false as is_converted,
            {{ columns_of_steps('partition by touches.person, touches.nth_journey order by touches.touched_at, touches.touch_id') | indent(12) }}
        from {{ ref('int_touches_without_order') }} as touches
    )

{%- for level in journey_levels() %}
    {% if not loop.first %}
        union all
    {% endif %}
    select
        month,
        '{{ level }}' as level,
        {{ level }}_player as player,
        {{ level }}_before as came_from,
        {{ level }}_is_last as is_last,
        is_converted
    from steps
    where {{ level }}_player is not null
{%- endfor %}
