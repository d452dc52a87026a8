{#
    Every source is a view on Parquet files below the raw folder: `raw.orders` on `orders/*.parquet` (one file a
    delivery), `plan.goals` on `plan/goals.parquet`, `ledger.deliveries` on `ledger/deliveries.parquet`.
#}
{% macro register_raw() -%} {%- if execute -%} {{ adapter.dispatch('register_raw')() }} {%- endif -%} {%- endmacro %}

{#- Columns of a raw table that say where a row came from (PROVENANCE of orchestration/landing/raw_files.py). -#}
{% macro raw_provenance() -%}
    {{ return(['_entry', '_delivery', '_delivery_kind', '_delivery_order', '_file', '_row', '_timezone', '_decimal', '_date_order']) }}
{%- endmacro %}

{#- Here, because sqlfmt leaves a file with DDL as it is. RAW_FOLDER is a pattern already. -#}
{% macro duckdb__register_raw() -%}
    {%- set folder = env_var('RAW_FOLDER', '../sample/programme/warehouse/raw') -%}
    {%- for schema in graph.sources.values() | map(attribute='schema') | unique %}
        create schema if not exists {{ schema }};
    {%- endfor %}
    {%- for table in graph.sources.values() %}
        {%- set files = table.name ~ '/*' if table.source_name == 'raw' else table.source_name ~ '/' ~ table.name %}
        {%- set path = folder ~ '/' ~ files ~ '.parquet' %}
        create or replace view {{ table.schema }}.{{ table.identifier }} as
        select * from read_parquet('{{ path | replace("'", "''") }}');
    {%- endfor %}
{%- endmacro %}
