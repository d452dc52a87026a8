{%- set columns = ['customer_id', 'customer_email', 'customer_phone'] -%}
with
    delivered as (
        select shop, customer_id, customer_email, customer_phone
        from {{ ref('int_orders_latest') }}

        union all

        select shop, customer_id, customer_email, customer_phone
        from {{ ref('int_customers_latest') }}
    )
{% for one in columns %}
    {%- for other in columns if other != one %}
        {%- if not (loop.first and columns[0] == one) %}

            union
        {%- endif %}

        select
            {{ identifier_node(one, 'shop') }} as node,
            {{ identifier_node(other, 'shop') }} as other_node,
            {{ other }} as other_identifier,
            shop
        from delivered
        where {{ one }} <> {{ other }}
    {%- endfor %}
{%- endfor %}
