{% macro feeds_clicks__ga4() %}{{ return(ref('stg_ga4__clicks')) }}{% endmacro %}
