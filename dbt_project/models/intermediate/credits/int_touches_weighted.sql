{{ config(materialized='incremental') }}
{%- set columns = columns_of_credits() + ['nth_by_hash'] -%}
with
    months as ({{ months_to_build() | indent(4) }}),

    aged as (
        select
            touches.*,
            {{ seconds_between('touches.touched_at', 'touches.last_touched_at') }} / 86400.0 as days_before_last_touch,
            count(*) over (partition by touches.shop, touches.order_id, touches.player) as touches_of_player,
            effects.removal_effect,
            -- By this order cents are given away where remainders are equal: by its place
            -- in time, the same touch would have them in every order.
            row_number() over (
                partition by touches.shop, touches.order_id
                order by
                    {{ dbt.hash("touches.shop || ' ' || touches.order_id || ' ' || touches.touch_id") }},
                    touches.touch_id
            ) as nth_by_hash
        from {{ ref('int_touches_related') }} as touches
        left join
            {{ ref('int_removal_effects') }} as effects
            on effects.level = 'credited'
            and effects.player = touches.player
            and cast(effects.month as date) = touches.order_month
        where touches.order_month in (select month from months)
    ),

    compared as (
        select
            *,
            -- Relative to the largest of the order, so that fixed point holds them
            -- whatever their size. Where all are 0 nobody has a share (null, not 0 / 0),
            -- and the test that credits add up fails. A single player has the whole order.
            case
                when touches_of_player = touches_of_order
                then 1.0
                else coalesce(removal_effect, 0) / nullif(max(removal_effect) over (partition by shop, order_id), 0)
            end as relative_removal_effect
        from aged
    ),

    weighted as (
        select
            *
            {%- for attribution_model in sharing_models() %}
                ,
                cast(
                    {{ attribution_models()[attribution_model].weight }} as {{ type_double() }}
                ) as {{ attribution_model }}_weight
            {%- endfor %}
        from compared
    ),

    totalled as (
        select
            *
            {%- for attribution_model in sharing_models() %}
                ,
                -- Added up in fixed point, because the engine may add in
                -- any order and the last digit must not depend on it.
                cast(
                    sum(cast({{ attribution_model }}_weight as decimal(18, 15))) over (
                        partition by shop, order_id
                    ) as {{ type_double() }}
                ) as {{ attribution_model }}_total
            {%- endfor %}
        from weighted
    )

select
    {%- for column in columns + ['player'] %} totalled.{{ column }}, {%- endfor %}
    {%- for attribution_model, rule in attribution_models().items() %}
        {%- if rule.winner is defined %}
            case when {{ rule.winner }} then cast(1 as {{ type_double() }}) end as {{ attribution_model }}_ratio,
        {%- else %}
            case
                when {{ attribution_model }}_weight > 0
                then {{ attribution_model }}_weight / {{ attribution_model }}_total
            end as {{ attribution_model }}_ratio,
        {%- endif %}
    {%- endfor %}
    months.month,
    months.inputs_hash
from months
left join totalled on totalled.order_month = months.month
