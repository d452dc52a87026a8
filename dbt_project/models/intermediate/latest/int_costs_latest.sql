{{ latest_rows('costs', key=['cost_id'], feeds=[ref('stg_extracts__costs')]) }}
