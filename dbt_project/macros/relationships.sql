{#-
    Whether a row of int_partner_relationships (as `history`) is valid on a day. Plain comparisons of one side with the
    other: with an `or` in it, the engine compares every row of a left join with every row of all partners.
-#}
{% macro is_valid_on(history, day) -%}
    coalesce({{ history }}.valid_from, cast('0001-01-01' as date)) <= {{ day }}
    and coalesce({{ history }}.valid_to, cast('9999-12-31' as date)) >= {{ day }}
{%- endmacro %}

{#- A count with its noun: `1 customer`, `3 customers`. -#}
{% macro counted(count, one, many) -%}
    cast({{ count }} as {{ dbt.type_string() }}) || case when {{ count }} = 1 then ' {{ one }}' else ' {{ many }}' end
{%- endmacro %}
