{%- set columns = ['customer_id', 'customer_email', 'customer_phone'] -%}
with
    delivered as (
        select shop, customer_id, customer_email, customer_phone, ordered_at as seen_at
        from {{ ref('int_orders_latest') }}

        union all

        select shop, customer_id, customer_email, customer_phone, first_ordered_at as seen_at
        from {{ ref('int_customers_latest') }}
    ),

    named as (
        {%- for column in columns %}
            {% if not loop.first %}
                union all
            {% endif %}
            select {{ column }} as identifier, {{ scope_of(column, 'shop') }} as shop, min(seen_at) as first_seen_at
            from delivered
            where {{ column }} is not null
            group by 1, 2
        {%- endfor %}
    ),

    shared as (
        select node
        from
            (
                select node, split_part(other_identifier, ' ', 1) as kind, shop, count(*) as counterparts
                from {{ ref('int_identifiers_tied') }}
                group by 1, 2, 3
            ) as counted
        cross join {{ ref('stg_plan__settings') }} as settings
        group by node
        having max(counterparts) > max(settings.identity_limit)
    ),

    identifiers as (
        select
            case when shop = '' then identifier else identifier || ' ' || shop end as node,
            identifier,
            shop,
            min(first_seen_at) as first_seen_at
        from named
        group by 1, 2, 3
    )

select
    identifiers.node,
    identifiers.identifier,
    identifiers.shop,
    identifiers.first_seen_at,
    shared.node is not null as is_shared
from identifiers
left join shared on shared.node = identifiers.node
