{{ latest_rows('conversions', key=['conversion_id'], feeds=[
    ref('stg_extracts__conversions'),
    ref('stg_awin__conversions'),
    ref('stg_impact__conversions'),
]) }}
