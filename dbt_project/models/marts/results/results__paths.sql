{{ config(materialized='view') }}
select path, month, names, touches, days, orders, net_revenue, paths_without_order
from {{ ref('int_paths') }}
where path is not null
