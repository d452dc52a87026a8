{#- A number as people write it: no decimals where it has none. -#}
{% macro plain_number(value) -%}
    {{ replace_pattern('cast(cast(' ~ value ~ ' as ' ~ type_double() ~ ') as ' ~ dbt.type_string() ~ ')', '^(.*)[.]0$', ['1']) }}
{%- endmacro %}

{#- An id without what exports change in it: case, signs between its parts, and the `.0` of a number. -#}
{% macro folded_id(id) -%} translate(lower({{ replace_pattern(id, '[.]0$', []) }}), '@#-_. ', '') {%- endmacro %}

{#- The digits of a text. -#}
{% macro digits_of(value) -%} translate({{ value }}, translate({{ value }}, '0123456789', ''), '') {%- endmacro %}
