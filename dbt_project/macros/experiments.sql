{#- An arm as everything after staging calls it: the one to compare with is `control`, however it is spelled. -#}
{% macro arm_name(arm) -%} case when lower({{ arm }}) = 'control' then 'control' else {{ arm }} end {%- endmacro %}
