{{ latest_rows(ref('stg_extracts__codes'), ['code', 'valid_from']) }}
