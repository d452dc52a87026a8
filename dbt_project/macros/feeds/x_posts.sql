{% macro feeds_posts__x() %}{{ return(ref('stg_x__posts')) }}{% endmacro %}
{% macro feeds_post_metrics__x() %}{{ return(ref('stg_x__post_metrics')) }}{% endmacro %}
