{% macro feeds_posts__linkedin() %}{{ return(ref('stg_linkedin__posts')) }}{% endmacro %}
{% macro feeds_post_metrics__linkedin() %}{{ return(ref('stg_linkedin__post_metrics')) }}{% endmacro %}
