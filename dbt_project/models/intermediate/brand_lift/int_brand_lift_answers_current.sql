{{ config(materialized='view') }}
{{ current_rows('brand_lift_answers') }}
