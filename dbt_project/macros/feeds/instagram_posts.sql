{% macro feeds_posts__instagram() %}{{ return(ref('stg_instagram__posts')) }}{% endmacro %}
{% macro feeds_post_metrics__instagram() %}{{ return(ref('stg_instagram__post_metrics')) }}{% endmacro %}
