{#-
    The attribution models, each with what decides: `winner`, the touch that has the whole order, or `weight`, what a touch
    weighs among those of its order, from 0 to 1; a touch of weight 0 has no share. Both are SQL over the columns of
    int_touches_weighted. The columns of every model of credits follow from here; seeds/attribution_models.csv has the names.

    position_based: where all touches fall on one instant, the best evidence is both first and last; the next one is then
    last. time_decay: counted back from the last touch; counted from the order, touches a year before it would weigh
    nothing in fixed point.
-#}
{% macro attribution_models() -%}
    {{ return({
        'first_touch': {'winner': 'nth_from_first = 1'},
        'last_touch': {'winner': 'nth_from_last = 1'},
        'linear': {'weight': '1.0'},
        'position_based': {'weight': 'case
            when touches_of_order <= 2 then 1.0
            when nth_from_first = 1 or nth_from_last = 1 then 0.4
            when nth_from_last = 2 and first_touched_at = last_touched_at then 0.4
            else 0.2 / (touches_of_order - 2)
        end'},
        'time_decay': {'weight': 'power(2.0, -days_before_last_touch / 7.0)'},
        'evidence_order': {'winner': 'nth_by_evidence = 1'},
        'markov': {'weight': 'relative_removal_effect'},
        'shapley': {'weight': '1.0 / touches_of_player'},
    }) }}
{%- endmacro %}

{#- The models by which one touch has the whole order, with the ratio 1, and the others none. -#}
{% macro winner_models() -%}
    {{ return(attribution_models().items() | selectattr('1.winner', 'defined') | map(attribute='0') | list) }}
{%- endmacro %}

{#- The models by which several touches share an order. -#}
{% macro sharing_models() -%}
    {{ return(attribution_models().items() | selectattr('1.weight', 'defined') | map(attribute='0') | list) }}
{%- endmacro %}

{#- The columns of a credit about its touch and order. -#}
{% macro columns_of_credits() -%}
    {{ return([
        'shop', 'order_id', 'touch_id', 'touched_at', 'evidence', 'partner_id', 'relationship', 'is_connected',
        'campaign_id', 'platform', 'is_new_customer',
    ]) }}
{%- endmacro %}

{#- Of columns beside each other (`linear_ratio`, `markov_ratio`, …) the one of the row's attribution model. -#}
{% macro of_attribution_model(measure) -%}
    case
        models.attribution_model
        {%- for attribution_model in attribution_models() %}
            when '{{ attribution_model }}' then {{ attribution_model }}_{{ measure }}
        {%- endfor %}
    end
{%- endmacro %}
