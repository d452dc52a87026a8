{% macro feeds_codes__shopify_discounts() %}{{ return(ref('stg_shopify__codes')) }}{% endmacro %}
