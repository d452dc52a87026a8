{#- `03/16/2026 09:34:02 AM`, with or without seconds or AM, on a clock in `_timezone`, as UTC; null for anything else. -#}
{% macro surveymonkey_time(value, date_style) -%}
    {{ adapter.dispatch('surveymonkey_time')(value, date_style) }}
{%- endmacro %}
{% macro duckdb__surveymonkey_time(value, date_style) -%}
    case
        {%- for style, day in [('month-day', '%m/%d/%Y'), ('day-month', '%d/%m/%Y')] %}
            {%- set clock = "['" ~ day ~ " %I:%M:%S %p', '" ~ day ~ " %I:%M %p', '" ~ day ~ " %H:%M:%S', '" ~ day ~ " %H:%M']" %}
            when lower(trim({{ date_style }})) = '{{ style }}'
            then {{ to_utc("try_strptime(upper(trim(" ~ value ~ ")), " ~ clock ~ ")", '_timezone') }}
        {%- endfor %}
    end
{%- endmacro %}

{#- The number that a text starts with; null where it starts with none. -#}
{% macro leading_count(value) -%} {{ adapter.dispatch('leading_count')(value) }} {%- endmacro %}
{% macro duckdb__leading_count(value) -%}
    try_cast(regexp_extract(trim({{ value }}), '^[0-9]+') as bigint)
{%- endmacro %}
