{#-
    What a touch weighs among those of its order, by attribution model, from 0 to 1; a touch of weight 0 has no share.

    position_based: where all touches fall on one instant, the best evidence is both first and last; the next one is then
    last. time_decay: counted back from the last touch; counted from the order, touches a year before it would weigh
    nothing in fixed point.
-#}
{% macro attribution_weights() -%}
    {{ return({
        'first_touch': 'case when nth_from_first = 1 then 1.0 else 0 end',
        'last_touch': 'case when nth_from_last = 1 then 1.0 else 0 end',
        'linear': '1.0',
        'position_based': 'case
            when touches_of_order <= 2 then 1.0
            when nth_from_first = 1 or nth_from_last = 1 then 0.4
            when nth_from_last = 2 and first_touched_at = last_touched_at then 0.4
            else 0.2 / (touches_of_order - 2)
        end',
        'time_decay': 'power(2.0, -days_before_last_touch / 7.0)',
        'evidence_order': 'case when nth_by_evidence = 1 then 1.0 else 0 end',
        'markov': 'relative_removal_effect',
        'shapley': '1.0 / touches_of_player',
    }) }}
{%- endmacro %}

{#- The attribution models by which one touch has the whole order, with the ratio 1, and the others none. -#}
{% macro attribution_winners() -%}
    {{ return(['first_touch', 'last_touch', 'evidence_order']) }}
{%- endmacro %}

{#- The attribution models that look at one order alone; markov looks at all journeys. -#}
{% macro attribution_rules() -%}
    {{ return(attribution_weights() | reject('equalto', 'markov') | list) }}
{%- endmacro %}

{#-
    Each touch's part of the weight of all touches of its order, by each of the attribution models, with the `columns` of
    `touches` (a table of the query that this ends; it has what the weights need).
-#}
{% macro weigh_touches(touches, attribution_models, columns) -%}
weighted as (
    select
        *
        {%- for attribution_model in attribution_models %},
        cast({{ attribution_weights()[attribution_model] }} as {{ type_double() }}) as {{ attribution_model }}_weight
        {%- endfor %}
    from {{ touches }}
),

totalled as (
    select
        *
        {%- for attribution_model in attribution_models %},
        -- Added up in fixed point, because the engine may add in any order and the last digit must not depend on it.
        cast(sum(cast({{ attribution_model }}_weight as decimal(18, 15))) over (
            partition by shop, order_id
        ) as {{ type_double() }}) as {{ attribution_model }}_total
        {%- endfor %}
    from weighted
)

select
    {{ columns | join(', ') }}
    {%- for attribution_model in attribution_models %},
    case
        when {{ attribution_model }}_weight > 0 then {{ attribution_model }}_weight / {{ attribution_model }}_total
    end as {{ attribution_model }}_ratio
    {%- endfor %}
from totalled
{%- endmacro %}

{#- What a credit says of its touch and order. -#}
{% macro columns_of_credits() -%}
    {{ return([
        'shop', 'order_id', 'touch_id', 'touched_at', 'evidence', 'partner_id', 'relationship', 'is_connected',
        'campaign_id', 'platform', 'is_new_customer',
    ]) }}
{%- endmacro %}

{#- Of columns beside each other (`linear_ratio`, `markov_ratio`, …) the one of the row's attribution model. -#}
{% macro of_attribution_model(measure) -%}
    case models.attribution_model
        {%- for attribution_model in attribution_weights() %}
        when '{{ attribution_model }}' then {{ attribution_model }}_{{ measure }}
        {%- endfor %}
    end
{%- endmacro %}

{#-
    Every movement of an order's money shared among its `touches` (a table of the query that this ends; as
    int_touches_weighted), by each of the attribution models, in columns beside each other; with the `columns` of
    `touches` that are to be kept.

    What is shared is the balance after each movement, and a movement's credit is the difference to the balance before:
    so the parts add up to every movement and to the order, and of an order that is wholly refunded nothing is left with
    anybody. Whole cents first, then the cents that are left over go to the largest remainders (Hamilton's method).
-#}
{% macro share_among_touches(attribution_models, columns) -%}
{%- set winners = attribution_models | select('in', attribution_winners()) | list -%}
{%- set sharing = attribution_models | reject('in', winners) | list -%}
shares as (
    select
        touches.*,
        movements.kind,
        movements.moved_on,
        movements.nth_movement,
        cast(movements.balance * 100 as bigint) as cents
        {%- for attribution_model in sharing %},
        cast(movements.balance * 100 as {{ type_double() }}) * touches.{{ attribution_model }}_ratio as {{ attribution_model }}_exact
        {%- endfor %}
    from touches
    inner join {{ ref('int_revenue_movements') }} as movements
        on movements.shop = touches.shop
        and movements.order_id = touches.order_id
),

floored as (
    select
        *
        {%- for attribution_model in sharing %},
        cast(floor({{ attribution_model }}_exact) as bigint) as {{ attribution_model }}_whole,
        cents - sum(cast(floor({{ attribution_model }}_exact) as bigint)) over (
            partition by shop, order_id, kind, moved_on
        ) as {{ attribution_model }}_left,
        row_number() over (
            partition by shop, order_id, kind, moved_on
            order by {{ attribution_model }}_exact - floor({{ attribution_model }}_exact) desc nulls last, nth_from_first
        ) as {{ attribution_model }}_nth_remainder
        {%- endfor %}
    from shares
),

shared as (
    select
        *
        {%- for attribution_model in winners %},
        case when {{ attribution_model }}_ratio is not null then cents end as {{ attribution_model }}_shared
        {%- endfor %}
        {%- for attribution_model in sharing %},
        {{ attribution_model }}_whole + case
            when {{ attribution_model }}_nth_remainder <= {{ attribution_model }}_left then 1
            -- Floating point may floor one share too high; the first takes the cent back.
            when {{ attribution_model }}_nth_remainder = 1 and {{ attribution_model }}_left < 0 then {{ attribution_model }}_left
            else 0
        end as {{ attribution_model }}_shared
        {%- endfor %}
    from floored
)

select
    {{ columns | join(', ') }},
    kind,
    moved_on
    {%- for attribution_model in attribution_models %},
    {{ attribution_model }}_ratio,
    cast((
        {{ attribution_model }}_shared - coalesce(lag({{ attribution_model }}_shared) over (
            partition by shop, order_id, touch_id, kind = 'cost_of_goods'
            order by nth_movement
        ), 0)
    ) / 100.0 as decimal(18, 2)) as {{ attribution_model }}_amount
    {%- endfor %}
from shared
{%- endmacro %}
