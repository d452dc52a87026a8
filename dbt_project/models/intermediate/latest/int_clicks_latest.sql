{{ latest_rows_of_people('clicks', key=['click_id'], shop='latest.shop', feeds=[
    ref('stg_extracts__clicks'),
    ref('stg_ga4__clicks'),
]) }}
