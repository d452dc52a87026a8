{{ latest_rows('experiments', key=['experiment_id'], feeds=[ref('stg_extracts__experiments')]) }}
