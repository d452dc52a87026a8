{% macro feeds_orders__stripe() %}{{ return(ref('stg_stripe__orders')) }}{% endmacro %}
{% macro feeds_refunds__stripe() %}{{ return(ref('stg_stripe__refunds')) }}{% endmacro %}
