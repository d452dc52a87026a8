{#- Whether what int_partner_relationships (as `spans`) says of a partner holds on a day. -#}
{% macro holds_on(spans, day) -%}
    ({{ spans }}.known_from is null or {{ spans }}.known_from <= {{ day }})
    and ({{ spans }}.known_to is null or {{ spans }}.known_to >= {{ day }})
{%- endmacro %}

{#- A count with its noun: `1 customer`, `3 customers`. -#}
{% macro counted(count, one, many) -%}
    cast({{ count }} as {{ dbt.type_string() }}) || case when {{ count }} = 1 then ' {{ one }}' else ' {{ many }}' end
{%- endmacro %}
