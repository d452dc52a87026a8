{% macro feeds_conversions__awin() %}{{ return(ref('stg_awin__conversions')) }}{% endmacro %}
