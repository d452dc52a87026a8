{#- Whether a row passes what a goal (alias `goals`) is narrowed to in one dimension; a goal that names none takes all. -#}
{% macro passes_filter(dimension, value) -%}
    (
        goals.goal_id not in (
            select goal_id from {{ ref('stg_plan__goal_filters') }} where dimension = '{{ dimension }}'
        )
        or exists (
            select 1
            from {{ ref('stg_plan__goal_filters') }} as filters
            where filters.goal_id = goals.goal_id
                and filters.dimension = '{{ dimension }}'
                and filters.value = {{ value }}
        )
    )
{%- endmacro %}
