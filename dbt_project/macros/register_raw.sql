{#
    Every source is a view on Parquet files below the raw folder: `raw.orders` on `orders/*.parquet` (one file a
    delivery), `plan.goals` on `plan/goals.parquet`, `ledger.deliveries` on `ledger/deliveries.parquet`.
#}
{% macro register_raw() -%}
    {%- if execute -%}
        {%- set folder = env_var('RAW_FOLDER', '../sample/programme/warehouse/raw') -%}
        {%- for schema in graph.sources.values() | map(attribute='schema') | unique %}
            create schema if not exists {{ schema }};
        {%- endfor %}
        {%- for table in graph.sources.values() %}
            {%- set files = table.name ~ '/*' if table.source_name == 'raw' else table.source_name ~ '/' ~ table.name %}
            create or replace view {{ table.schema }}.{{ table.identifier }} as
            select * from {{ parquet_files(folder ~ '/' ~ files ~ '.parquet') }};
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{% macro parquet_files(path) -%} {{ adapter.dispatch('parquet_files')(path) }} {%- endmacro %}
{% macro duckdb__parquet_files(path) -%}
    {%- set quoted = "'" ~ path | replace("'", "''") ~ "'" -%} read_parquet({{ quoted }})
{%- endmacro %}
