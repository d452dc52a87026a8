{#- Whether a text is one of a list (`a;b`); case and blanks around do not count. -#}
{% macro is_choice(value, choices) -%}
    position(
        ';' || lower(trim({{ value }})) || ';'
        in ';' || replace(replace(lower(trim({{ choices }})), '; ', ';'), ' ;', ';') || ';'
    )
    > 0
{%- endmacro %}
