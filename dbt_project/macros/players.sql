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
