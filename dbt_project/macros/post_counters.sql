{#- The lifetime counters of a post, in the order of every table that has them. -#}
{% macro post_counters() -%}
    {{ return(['impressions', 'reach', 'views', 'likes', 'comments', 'shares', 'saves', 'clicks']) }}
{%- endmacro %}

{#- What people did with a post: unknown only where all four counters are. -#}
{% macro engagements() -%}
    case
        when coalesce(likes, comments, shares, saves) is not null
        then coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0)
    end
{%- endmacro %}
