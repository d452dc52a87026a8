{{ latest_rows(ref('stg_extracts__campaigns'), ['campaign_id']) }}
