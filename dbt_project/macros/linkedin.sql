{#- The id of an activity, share or ugcPost in a link; null where there is none. -#}
{% macro linkedin_id(link) -%} {{ adapter.dispatch('linkedin_id')(link) }} {%- endmacro %}
{% macro duckdb__linkedin_id(link) -%}
    nullif(regexp_extract({{ link }}, '(?:activity|share|ugcPost)(?::|-|%3A)([0-9]{19})(?:[^0-9]|$)', 1), '')
{%- endmacro %}

{#- When LinkedIn made an id (UTC): its upper bits are milliseconds since 1970. -#}
{% macro linkedin_time(id) -%} {{ adapter.dispatch('linkedin_time')(id) }} {%- endmacro %}
{% macro duckdb__linkedin_time(id) -%} make_timestamp((try_cast({{ id }} as bigint) >> 22) * 1000) {%- endmacro %}
