{{ latest_rows(ref('stg_extracts__posts'), ['post_id']) }}
