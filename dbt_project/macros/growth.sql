{#-
    Models that grow by deliveries (`meta: {grows_by: deliveries}`) add what is new where the night says which deliveries
    are (orchestration/building/growth.py knows whether that is enough), and are built anew else: by hand, too.
    In place of dbt's own macro of this name.
-#}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- do return(
        (flags.FULL_REFRESH if asked is none else asked)
        or (model.config.meta.get('grows_by') == 'deliveries' and new_deliveries() is none)
    ) -%}
{%- endmacro %}

{% macro new_deliveries() -%}
    {%- do return(var('new_deliveries', {}).get(model.unique_id)) -%}
{%- endmacro %}

{#- Ids as text of the statement: the engine then skips the files of other deliveries. -#}
{% macro is_newly_delivered() -%}
    _delivery in ({% for delivery in new_deliveries() %}'{{ delivery }}', {% endfor %}'')
{%- endmacro %}
