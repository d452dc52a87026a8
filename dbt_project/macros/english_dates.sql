{#- A day as `Jan 6, 2026`, the way English exports of YouTube write it, as its first moment; null for any other text. -#}
{% macro english_day(column) -%} {{ adapter.dispatch('english_day')(column) }} {%- endmacro %}
{% macro duckdb__english_day(column) -%}
    case
        when {{ matches('trim(' ~ column ~ ')', '^[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}$') }}
        then try_strptime(trim({{ column }}), '%b %d, %Y')
    end
{%- endmacro %}
