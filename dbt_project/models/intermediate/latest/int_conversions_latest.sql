{{ latest_rows_of_people('conversions', key=['conversion_id'], shop='latest.shop', feeds=[
    ref('stg_extracts__conversions'),
    ref('stg_affiliatewp__conversions'),
    ref('stg_awin__conversions'),
    ref('stg_dub__conversions'),
    ref('stg_impact__conversions'),
    ref('stg_rakuten__conversions'),
]) }}
