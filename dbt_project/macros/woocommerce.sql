{#- The codes of `code:x|amount:y;code:z|amount:w`, separated by `;`; null where it holds none. -#}
{% macro woocommerce_codes(items) -%} {{ adapter.dispatch('woocommerce_codes')(items) }} {%- endmacro %}
{% macro duckdb__woocommerce_codes(items) -%}
    nullif(array_to_string(regexp_extract_all({{ items }}, '(?:^|;) *code:([^|;]+)', 1), ';'), '')
{%- endmacro %}
