{%- set tags = utm_tags() -%}
-- A session goes on past midnight, into the next day's
-- table: what it began with is looked up in all deliveries.
with
    session_rows as (
        select * from {{ ref('stg_ga4__session_rows') }} where click_id is not null and happened_at is not null
    ),

    found as (
        select
            click_id,
            min(happened_at) over session as clicked_at,
            {%- for column in ['visitor_id', 'customer_id', 'url'] %}
                {{ neighbour('first_value', column) }} over session as {{ column }},
            {%- endfor %}
            {%- for column in tags %} first_value({{ column }}) over best_tag as {{ column }}, {%- endfor %}
            {{ provenance() | indent(4) }}
        from session_rows
        window
            session as (
                partition by click_id
                order by happened_at, _delivery_order, _row
                rows between unbounded preceding and unbounded following
            ),
            best_tag as (
                partition by click_id
                order by tag_rank nulls last, happened_at, _delivery_order, _row
                rows between unbounded preceding and unbounded following
            )
    ),

    sessions as (
        select
            click_id,
            min(clicked_at) as clicked_at,
            max(customer_id) as customer_id,
            max(visitor_id) as visitor_id,
            {%- for column in tags + ['url'] %} max({{ column }}) as {{ column }}, {%- endfor %}
            _entry,
            _delivery,
            _delivery_order,
            _file,
            min(_row) as _row
        from found
        group by click_id, _entry, _delivery, _delivery_order, _file
    ),

    -- The page that thanks for an order may be loaded again, also on a later visit.
    placed as (
        select click_id, order_id, placed_at
        from
            (
                select _entry, click_id, order_id, min(happened_at) as placed_at
                from session_rows
                where order_id is not null
                group by _entry, click_id, order_id
            ) as thanked
        qualify row_number() over (partition by _entry, order_id order by placed_at, click_id) = 1
    ),

    orders as (
        select
            click_id, order_id, row_number() over (partition by click_id order by min(placed_at), order_id) as nth_order
        from placed
        group by click_id, order_id
    )

-- Each further order of a session gets a row without tags, so that the visit is counted once.
select
    case
        when orders.nth_order > 1 then sessions.click_id || ':' || orders.order_id else sessions.click_id
    end as click_id,
    sessions.clicked_at,
    cast(null as {{ dbt.type_string() }}) as partner_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    sessions.customer_id,
    sessions.visitor_id,
    cast(null as {{ dbt.type_string() }}) as shop,
    orders.order_id,
    {%- for column in tags + ['url'] %}
        case when coalesce(orders.nth_order, 1) = 1 then sessions.{{ column }} end as {{ column }},
    {%- endfor %}
    {{ provenance() }}
from sessions
left join orders on orders.click_id = sessions.click_id
