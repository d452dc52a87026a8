{{ latest_rows('audiences', key=['partner_id', 'platform', 'observed_at'], feeds=[ref('stg_extracts__audiences')]) }}
