{#- The numeric columns of a mart, by its contract: what a goal may count without any list to edit. -#}
{% macro measures_of(model) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- set columns = graph.nodes['model.' ~ project_name ~ '.' ~ model].columns.values() -%}
        {%- for column in columns if column.data_type in ('double', 'bigint') or column.data_type.startswith('decimal') -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}

{#- The column of `rows` that is named by `measures.measure`, as one expression. -#}
{% macro named_measure(model) -%}
    case
        measures.measure
        {%- for measure in measures_of(model) %} when '{{ measure }}' then cast(rows.{{ measure }} as decimal(38, 15))
        {%- else %} when null then null
        {%- endfor %}
    end
{%- endmacro %}
