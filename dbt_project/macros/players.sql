{#-
    Who is credited by data-driven models: the partner of a touch, or its campaign where it names no partner. One space
    of names, because a partner and a campaign may have the same id.
-#}
{% macro player(touches) -%}
    coalesce('partner ' || {{ touches }}.partner_id, 'campaign ' || {{ touches }}.campaign_id)
{%- endmacro %}

{#- Who is paid: the partner, or the campaign where no partner is named. -#}
{% macro payee(costs) -%}
    coalesce('partner ' || {{ costs }}.partner_id, 'campaign ' || {{ costs }}.campaign_id, 'nobody')
{%- endmacro %}

{#-
    The levels at which journeys are looked at, each with who is met on the way. Texts begin with their level, so that no id
    is one of the states of the chain. `credited` is whom `markov` credits in results.credits; the others are published.
-#}
{% macro journey_levels() -%}
    {{ return({
        'partner': "'partner ' || touches.partner_id",
        'campaign': "'campaign ' || touches.campaign_id",
        'platform': "'platform ' || touches.platform",
        'credited': player('touches'),
    }) }}
{%- endmacro %}

{#- Of each level: who is met with this touch, who was before, and whether nobody is afterwards; touches without are left out. -#}
{% macro columns_of_steps(journey) -%}
    {%- for level, met in journey_levels().items() -%}
        {{ met }} as {{ level }}_player,
        {{ neighbour('lag', met) }} over ({{ journey }}) as {{ level }}_before,
        {{ neighbour('lead', met) }} over ({{ journey }}) is null as {{ level }}_is_last {{- ', ' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
