{{ latest_rows(ref('stg_extracts__surveys'), ['response_id']) }}
