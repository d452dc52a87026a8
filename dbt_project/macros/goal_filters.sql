{#- Whether a row passes what a goal (alias `goals`) is narrowed to in one dimension; a goal that names none takes all. -#}
{% macro passes_filter(dimension, value) -%}
    (
        not exists (
            select 1
            from {{ ref('stg_plan__goal_filters') }} as filters
            where
                filters.goal_id = goals.goal_id
                and filters.version = goals.version
                and filters.dimension = '{{ dimension }}'
        )
        or {{ is_named(dimension, value) }}
    )
{%- endmacro %}

{#- The same in each of these dimensions, whose values are columns of `rows`. -#}
{% macro passes_filters(rows, dimensions) -%}
    {%- for dimension in dimensions -%}
        {%- set column = dimension ~ '_id' if dimension in ('partner', 'campaign') else dimension -%}
        {{ passes_filter(dimension, rows ~ '.' ~ column) }} {{- ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether a goal (alias `goals`) names a value in `only`. -#}
{% macro is_named(dimension, value) -%}
    exists (
        select 1
        from {{ ref('stg_plan__goal_filters') }} as filters
        where
            filters.goal_id = goals.goal_id
            and filters.version = goals.version
            and filters.dimension = '{{ dimension }}'
            and filters.value = {{ value }}
    )
{%- endmacro %}

{#- Whether evidence of a tier (tracked, said) is strong enough for a goal that needs no experiment. -#}
{% macro passes_evidence(tier) -%}
    (coalesce(goals.evidence, 'said') <> 'tracked' or {{ tier }} = 'tracked')
{%- endmacro %}
