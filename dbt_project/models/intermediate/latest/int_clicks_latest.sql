{{ latest_rows('clicks', key=['click_id'], feeds=[
    ref('stg_extracts__clicks'),
    ref('stg_ga4__clicks'),
]) }}
