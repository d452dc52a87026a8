{{ latest_rows(ref('stg_extracts__audiences'), ['partner_id', 'platform', 'observed_at']) }}
