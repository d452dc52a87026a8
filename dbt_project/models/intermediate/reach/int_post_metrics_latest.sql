{{ latest_rows(ref('stg_extracts__post_metrics'), ['post_id', 'observed_at']) }}
