{{ latest_rows('campaigns', key=['campaign_id'], feeds=[ref('stg_extracts__campaigns')]) }}
