{%- for table in ['shopify_customers', 'fivetran_shopify_customers', 'airbyte_shopify_customers'] %}
    {%- if not loop.first %}

        union all

    {% endif -%}
    select
        {{ as_text('shop') }} as shop,
        {{ identifier('customer_id') }} as customer_id,
        {{ email_identifier('email') }} as customer_email,
        {{ phone_identifier('phone', 'phone_country') }} as customer_phone,
        cast(null as timestamp) as first_ordered_at,
        {{ as_count('orders') }} as orders,
        {{ provenance() }}
    {%- if table == 'fivetran_shopify_customers' %}
        from ({{ newest_rows(table, ['shop', 'customer_id']) | indent(8) }}) as newest where {{ is_not_deleted() }}
    {%- else %} from {{ source('raw', table) }}
    {%- endif %}
{%- endfor %}
