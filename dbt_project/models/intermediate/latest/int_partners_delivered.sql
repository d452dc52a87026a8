{{ config(materialized='view') }} {{ delivered_rows('partners', feeds=[ref('stg_extracts__partners'), ref('stg_discourse__partners')]) }}
