{{ latest_rows(ref('stg_extracts__conversions'), ['conversion_id']) }}
