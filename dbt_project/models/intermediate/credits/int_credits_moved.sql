{{ config(materialized='view') }}
select * from {{ ref('int_credits_by_rule') }}
union all
select * from {{ ref('int_credits_by_effect') }}
