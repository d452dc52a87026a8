{#- What a touch weighs among those of its order, by attribution model; a touch of weight 0 has no share. -#}
{% macro attribution_weights() -%}
    {{ return({
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
    }) }}
{%- endmacro %}

{#- The attribution models that look at one order alone; markov looks at all journeys. -#}
{% macro attribution_rules() -%}
    {{ return(attribution_weights() | reject('equalto', 'markov') | list) }}
{%- endmacro %}

{#- What a credit says of its touch and order. -#}
{% macro columns_of_credits() -%}
    shop, order_id, touch_id, touched_at, evidence, partner_id, relationship, is_connected, campaign_id, platform,
    is_new_customer
{%- endmacro %}

{#-
    Every movement of an order's money shared among its `touches` (a table of the query that this ends; as
    int_touches_weighted), by each of the attribution models; with another column of `touches` that is to be kept, if any.

    What is shared is the balance after each movement, and a movement's credit is the difference to the balance before:
    so the parts add up to every movement and to the order, and of an order that is wholly refunded nothing is left with
    anybody. Whole cents first, then the cents that are left over go to the largest remainders (Hamilton's method).
-#}
{% macro share_among_touches(attribution_models, kept=none) -%}
{%- set columns = columns_of_credits() ~ (', ' ~ kept if kept else '') -%}
credited as (
    {%- for attribution_model in attribution_models %}
    {% if not loop.first %}union all{% endif %}
    select
        {{ columns }},
        '{{ attribution_model }}' as attribution_model,
        {{ attribution_model }}_ratio as credit_ratio,
        nth_from_first
    from touches
    where {{ attribution_model }}_ratio is not null
    {%- endfor %}
),

shares as (
    select
        credited.*,
        movements.kind,
        movements.moved_on,
        movements.nth_movement,
        cast(movements.balance * 100 as bigint) as cents,
        cast(movements.balance * 100 as {{ type_double() }}) * credited.credit_ratio as exact_cents
    from credited
    inner join {{ ref('int_revenue_movements') }} as movements
        on movements.shop = credited.shop
        and movements.order_id = credited.order_id
),

floored as (
    select
        *,
        cast(floor(exact_cents) as bigint) as whole_cents,
        cents - sum(cast(floor(exact_cents) as bigint)) over (
            partition by shop, order_id, attribution_model, kind, moved_on
        ) as cents_left,
        row_number() over (
            partition by shop, order_id, attribution_model, kind, moved_on
            order by exact_cents - floor(exact_cents) desc, nth_from_first
        ) as nth_remainder
    from shares
),

shared as (
    select
        *,
        whole_cents + case
            when nth_remainder <= cents_left then 1
            -- Floating point may floor one share too high; the first takes the cent back.
            when nth_remainder = 1 and cents_left < 0 then cents_left
            else 0
        end as shared_cents
    from floored
)

select
    {{ columns }},
    attribution_model,
    credit_ratio,
    kind,
    moved_on,
    cast((
        shared_cents - coalesce(lag(shared_cents) over (
            partition by shop, order_id, attribution_model, touch_id, kind = 'cost_of_goods'
            order by nth_movement
        ), 0)
    ) / 100.0 as decimal(18, 2)) as amount
from shared
{%- endmacro %}
