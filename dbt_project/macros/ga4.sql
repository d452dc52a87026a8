{#- GA4 writes what is unknown, or what it saw itself, as a word in brackets: (not set), (direct), (organic), (cpc). -#}
{% macro ga4_text(value) -%}
    case when trim({{ value }}) <> '' and not {{ ga4_is_placeholder(value) }} then trim({{ value }}) end
{%- endmacro %}

{% macro ga4_is_placeholder(value) -%} {{ matches('trim(' ~ value ~ ')', '^[(][^()]*[)]$') }} {%- endmacro %}

{#- Whether nobody tagged the link, because GA4 named the campaign itself: (organic), (referral), (cpc). -#}
{% macro ga4_is_automatic(campaign) -%}
    coalesce({{ ga4_is_placeholder(campaign) }} and lower(trim({{ campaign }})) not in ('(not set)', '(none)'), false)
{%- endmacro %}

{#- event_params, parsed: what ga4_param looks a key up in. Null where it is no JSON. -#}
{% macro ga4_params(column) -%} {{ adapter.dispatch('ga4_params')(column) }} {%- endmacro %}

{#- One value of them as text, whatever type it has; null where the key is missing. -#}
{% macro ga4_param(params, key) -%} {{ adapter.dispatch('ga4_param')(params, key) }} {%- endmacro %}

{#- YYYYMMDD or YYYYMMDDHH on the property's clock, or microseconds since 1970, as UTC. -#}
{% macro ga4_time(value) -%} {{ adapter.dispatch('ga4_time')(value) }} {%- endmacro %}

{#- One value of an object in JSON as text; null where the key is missing. -#}
{% macro ga4_field(object, key) -%} {{ adapter.dispatch('ga4_field')(object, key) }} {%- endmacro %}
