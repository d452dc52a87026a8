{#- An order's number as claims are compared by it: without a leading `#`, without blanks, in lower case. -#}
{% macro order_number(column) -%}
    nullif({{ replace_pattern("lower(replace(" ~ column ~ ", ' ', ''))", '^#+', []) }}, '')
{%- endmacro %}
