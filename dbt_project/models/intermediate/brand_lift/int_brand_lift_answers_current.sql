{{ config(materialized='view') }}
with
    delivered as (
        {{ delivered_rows('brand_lift_answers', feeds=[
        ref('stg_extracts__brand_lift_answers'),
        ref('stg_qualtrics__brand_lift_answers'),
    ]) }}
    )

select *
from delivered
where {{ is_current_delivery() }}
