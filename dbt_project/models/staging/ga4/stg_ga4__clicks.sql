-- A session goes on past midnight, into the next day's
-- table: what it began with is looked up in all deliveries.
with
    sessions as (
        select
            click_id,
            min(happened_at) over session as clicked_at,
            {%- for column in ['visitor_id', 'customer_id', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content'] %}
                first_value({{ column }} ignore nulls) over session as {{ column }},
            {%- endfor %}
            {{ provenance() | indent(4) }}
        from {{ ref('stg_ga4__session_rows') }}
        where click_id is not null and happened_at is not null
        window
            session as (
                partition by click_id
                order by happened_at, _delivery_order, _row
                rows between unbounded preceding and unbounded following
            )
    )

select
    click_id,
    min(clicked_at) as clicked_at,
    cast(null as {{ dbt.type_string() }}) as partner_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    max(customer_id) as customer_id,
    max(visitor_id) as visitor_id,
    cast(null as {{ dbt.type_string() }}) as shop,
    cast(null as {{ dbt.type_string() }}) as order_id,
    max(utm_source) as utm_source,
    max(utm_medium) as utm_medium,
    max(utm_campaign) as utm_campaign,
    max(utm_content) as utm_content,
    cast(null as {{ dbt.type_string() }}) as utm_term,
    cast(null as {{ dbt.type_string() }}) as url,
    _entry,
    _delivery,
    _delivery_order,
    _file,
    min(_row) as _row
from sessions
group by click_id, _entry, _delivery, _delivery_order, _file
