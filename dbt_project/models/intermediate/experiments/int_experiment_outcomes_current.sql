{{ config(materialized='view') }}
with delivered as ({{ delivered_rows('experiment_outcomes', feeds=[ref('stg_extracts__experiment_outcomes')]) }})

select *
from delivered
where {{ is_current_delivery() }}
