{% macro feeds_posts__tiktok() %}{{ return(ref('stg_tiktok__posts')) }}{% endmacro %}
{% macro feeds_post_metrics__tiktok() %}{{ return(ref('stg_tiktok__post_metrics')) }}{% endmacro %}
