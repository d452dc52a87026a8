{{ config(materialized='incremental') }}
with
    months as ({{ months_to_build() | indent(4) }}),

    touches as (
        select
            touches.order_month as month,
            true as is_converted,
            {{ columns_of_steps('partition by touches.shop, touches.order_id order by touches.nth_from_first') | indent(12) }}
        from {{ ref('int_touches_counted') }} as touches
        where touches.order_month in (select month from months)

        union all

        select
            touches.ended_month as month,
            false as is_converted,
            {{ columns_of_steps('partition by touches.person, touches.nth_journey order by touches.touched_at, touches.touch_id') | indent(12) }}
        from {{ ref('int_touches_without_order') }} as touches
        where touches.ended_month in (select month from months)
    ),

    steps as (
        {%- for level in journey_levels() %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                month,
                '{{ level }}' as level,
                coalesce({{ level }}_before, '(start)') as came_from,
                {{ level }}_player as player,
                case
                    when {{ level }}_is_last and is_converted then '(conversion)' when {{ level }}_is_last then '(null)'
                end as ends_in,
                count(*) as steps
            from touches
            where {{ level }}_player is not null
            group by 1, 2, 3, 4, 5
        {%- endfor %}
    ),

    transitions as (
        select month, level, came_from as from_state, player as to_state, steps
        from steps
        cross join {{ ref('stg_plan__settings') }} as settings
        where settings.markov_repeats = 'keep' or came_from <> player

        union all

        select month, level, player as from_state, ends_in as to_state, steps
        from steps
        where ends_in is not null
    ),

    counted as (
        select month, level, from_state, to_state, cast(sum(steps) as bigint) as transitions
        from transitions
        group by month, level, from_state, to_state
    )

select counted.level, counted.from_state, counted.to_state, counted.transitions, months.month, months.inputs_hash
from months
left join counted on counted.month = months.month
