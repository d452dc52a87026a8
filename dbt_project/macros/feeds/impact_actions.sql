{% macro feeds_conversions__impact() %}{{ return(ref('stg_impact__conversions')) }}{% endmacro %}
