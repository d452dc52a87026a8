{% macro feeds_brand_lift_answers__qualtrics() %}{{ return(ref('stg_qualtrics__brand_lift_answers')) }}{% endmacro %}
