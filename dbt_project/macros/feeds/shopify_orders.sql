{% macro feeds_orders__shopify() %}{{ return(ref('stg_shopify__orders')) }}{% endmacro %}
{% macro feeds_refunds__shopify() %}{{ return(ref('stg_shopify__refunds')) }}{% endmacro %}
