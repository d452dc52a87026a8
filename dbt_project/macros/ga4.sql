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
{% macro duckdb__ga4_params(column) -%}
    {%- set structure = '[{"key": "VARCHAR", "value": {"string_value": "VARCHAR", "int_value": "VARCHAR"}}]' -%}
    from_json(case when json_valid({{ column }}) then {{ column }} end, '{{ structure }}')
{%- endmacro %}

{#- One value of them as text, whatever type it has; null where the key is missing. -#}
{% macro ga4_param(params, key) -%} {{ adapter.dispatch('ga4_param')(params, key) }} {%- endmacro %}
{% macro duckdb__ga4_param(params, key) -%}
    {%- set found = "list_filter(" ~ params ~ ", lambda param: param.key = '" ~ key ~ "')[1].value" -%}
    coalesce({{ found }}.string_value, {{ found }}.int_value)
{%- endmacro %}

{#- YYYYMMDD or YYYYMMDDHH on the property's clock, or microseconds since 1970, as UTC. -#}
{% macro ga4_time(value) -%} {{ adapter.dispatch('ga4_time')(value) }} {%- endmacro %}
{% macro duckdb__ga4_time(value) -%}
    case
        length(trim({{ value }}))
        when 16
        then make_timestamp(try_cast({{ value }} as bigint))
        when 10
        then {{ to_utc("try_strptime(trim(" ~ value ~ "), '%Y%m%d%H')", '_timezone') }}
        when 8
        then {{ to_utc("try_strptime(trim(" ~ value ~ "), '%Y%m%d')", '_timezone') }}
    end
{%- endmacro %}

{#- One value of an object in JSON as text; null where the key is missing. -#}
{% macro ga4_field(object, key) -%} {{ adapter.dispatch('ga4_field')(object, key) }} {%- endmacro %}
{% macro duckdb__ga4_field(object, key) -%}
    case when json_valid({{ object }}) then json_extract_string({{ object }}, '$.{{ key }}') end
{%- endmacro %}
