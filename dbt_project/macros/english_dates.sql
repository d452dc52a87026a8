{#- A day as `Jan 6, 2026`, the way English exports of YouTube write it, as its first moment; null for any other text. -#}
{% macro english_day(column) -%} {{ adapter.dispatch('english_day')(column) }} {%- endmacro %}
