{% macro feeds_posts__youtube() %}{{ return(ref('stg_youtube__posts')) }}{% endmacro %}
{% macro feeds_post_metrics__youtube() %}{{ return(ref('stg_youtube__post_metrics')) }}{% endmacro %}
