{{ latest_rows(ref('stg_extracts__costs'), ['cost_id']) }}
