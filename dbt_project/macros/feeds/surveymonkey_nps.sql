{% macro feeds_recommendations__surveymonkey() %}{{ return(ref('stg_surveymonkey__recommendations')) }}{% endmacro %}
