{#- `03/16/2026 09:34:02 AM`, with or without seconds or AM, on a clock in `_timezone`, as UTC; null for anything else. -#}
{% macro surveymonkey_time(value, date_style) -%}
    {{ adapter.dispatch('surveymonkey_time')(value, date_style) }}
{%- endmacro %}

{#- The number that a text starts with; null where it starts with none. -#}
{% macro leading_count(value) -%} {{ adapter.dispatch('leading_count')(value) }} {%- endmacro %}
