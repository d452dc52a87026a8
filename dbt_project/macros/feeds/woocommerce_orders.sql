{% macro feeds_orders__woocommerce() %}{{ return(ref('stg_woocommerce__orders')) }}{% endmacro %}
