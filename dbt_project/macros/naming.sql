{#
    A model's file name holds its schema (`reach__partners.sql`), because dbt wants names that are unique in a project
    and two schemas may both have `partners`. In the database it is `reach.partners`.
#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- set prefix = (node.config.schema or '') ~ '__' -%}
    {%- if custom_alias_name -%} {{ custom_alias_name | trim }}
    {%- elif node.name.startswith(prefix) -%} {{ node.name[prefix | length:] }}
    {%- else -%} {{ node.name }}
    {%- endif -%}
{%- endmacro %}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
