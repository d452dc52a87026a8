{{ latest_rows(ref('stg_extracts__partners'), ['partner_id']) }}
