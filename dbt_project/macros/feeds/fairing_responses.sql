{% macro feeds_surveys__fairing() %}{{ return(ref('stg_fairing__surveys')) }}{% endmacro %}
