{#- Where a raw row came from; every staging model ends with it, so that any later finding can name file and row. -#}
{% macro provenance() -%}
    _entry,
    _delivery,
    _delivery_order,
    _file,
    _row
{%- endmacro %}

{#-
    Everything that feeds an extract: its own staging model, and the staging models of the formats that feed it. A format
    announces those in macros/feeds/<format>.sql, as macros feeds_<extract>__<vendor>, so no list has to be edited here.
    All have the columns of stg_extracts__<extract>, in that order.
-#}
{% macro delivered_rows(extract) -%}
    select * from {{ ref('stg_extracts__' ~ extract) }}
    {%- for name in context.keys() | sort if name.startswith('feeds_' ~ extract ~ '__') %}
    union all
    select * from {{ context[name]() }}
    {%- endfor %}
{%- endmacro %}

{#-
    The rows that hold as of now, one per key: the later delivery wins, within a file the later row. Of snapshot
    deliveries only the newest counts: a row that is gone from it is gone.
-#}
{% macro latest_rows(extract, key) -%}
    with delivered as (
        {{ delivered_rows(extract) | indent(4) }}
    )

    select *
    from delivered
    where _delivery in (select delivery_id from {{ ref('stg_ledger__deliveries') }} where is_current)
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by _delivery_order desc, _row desc
    ) = 1
{%- endmacro %}

{#- When a delivery was made (UTC): for exports that do not say when their counters were read. -#}
{% macro delivered_at() -%}
    cast(replace(substr(_delivery_order, 1, 19), 'T', ' ') as timestamp)
{%- endmacro %}
