{{ config(materialized='view') }}
{{ current_rows('experiment_outcomes') }}
