{#- Where a raw row came from; every staging model ends with it, so that any later finding can name file and row. -#}
{% macro provenance() -%}
    _entry,
    _delivery,
    _delivery_order,
    _file,
    _row
{%- endmacro %}

{#-
    The rows that hold as of now, one per key: the later delivery wins, within a file the later row. Of snapshot
    deliveries only the newest counts: a row that is gone from it is gone.
-#}
{% macro latest_rows(relation, key) -%}
    select *
    from {{ relation }}
    where _delivery in (select delivery_id from {{ ref('stg_ledger__deliveries') }} where is_current)
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by _delivery_order desc, _row desc
    ) = 1
{%- endmacro %}
