{#-
    Who is credited by data-driven models: the partner of a touch, or its campaign where it names no partner. One space
    of names, because a partner and a campaign may have the same id.
-#}
{% macro player(touches) -%}
    coalesce('partner ' || {{ touches }}.partner_id, 'campaign ' || {{ touches }}.campaign_id)
{%- endmacro %}
