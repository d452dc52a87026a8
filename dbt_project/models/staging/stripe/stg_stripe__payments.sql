{{ config(materialized='table') }}
select *, coalesce(order_reference, charge_id, source_id, movement_id) as order_id
from {{ ref('stg_stripe__movements') }}
where
    type in ('charge', 'payment')
    and _delivery in (select delivery_id from {{ ref('stg_ledger__deliveries') }} where is_current)
qualify row_number() over (partition by shop, movement_id order by _delivery_order desc, _row desc) = 1
