{#- A number as people write it: no decimals where it has none. -#}
{% macro plain_number(value) -%}
    {{ replace_pattern('cast(cast(' ~ value ~ ' as ' ~ type_double() ~ ') as ' ~ dbt.type_string() ~ ')', '^(.*)[.]0$', ['1']) }}
{%- endmacro %}
