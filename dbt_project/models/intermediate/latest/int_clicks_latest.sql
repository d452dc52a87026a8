{{ latest_rows(ref('stg_extracts__clicks'), ['click_id']) }}
