{#- A page's address without the e-mail addresses in its path and parameters. -#}
{% macro url_without_addresses(url) -%} {{ adapter.dispatch('url_without_addresses')(url) }} {%- endmacro %}
{% macro duckdb__url_without_addresses(url) -%}
    regexp_replace({{ url }}, '(?i)[^/?&#=@]+(@|%40)[^/?&#=]*', '', 'g')
{%- endmacro %}
