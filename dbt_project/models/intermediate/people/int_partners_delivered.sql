{{ config(materialized='view') }}

with delivered as (
    {{ delivered_rows('partners') | indent(4) }}
)

select
    partner_id,
    relationship,
    _is_alias,
    _entry,
    _delivery,
    _row
from delivered
