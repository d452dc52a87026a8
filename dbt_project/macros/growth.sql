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

{#-
    An incremental strategy for credits: what was made from other `inputs` than those of now is taken out, whether its
    order has others now or none, and what the model gives is added. (It may only delete: what is added is what the SQL of
    the model says, which is what is proved about it.)
-#}
{% macro get_incremental_replace_changed_sql(arg_dict) -%}
    {%- set known = arg_dict['target_relation'] -%}
    delete from {{ known }}
    where (shop, order_id) in (
        select known.shop, known.order_id
        from ({{ credited_orders(known) }}) as known
        left join {{ ref('int_credit_inputs') }} as inputs
            on inputs.shop = known.shop
            and inputs.order_id = known.order_id
            and inputs.inputs = known.inputs
        where inputs.order_id is null
    );
    {{ get_incremental_append_sql(arg_dict) }}
{%- endmacro %}

{#- The orders in a table of credits, one row each: every order has a sale, and one first touch. -#}
{% macro credited_orders(credits) -%}
    select shop, order_id, inputs from {{ credits }} where first_touch_ratio is not null and kind = 'sale'
{%- endmacro %}
