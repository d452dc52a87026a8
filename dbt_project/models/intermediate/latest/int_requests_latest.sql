{{ latest_rows('requests', key=['request_id'], feeds=[ref('stg_extracts__requests')]) }}
