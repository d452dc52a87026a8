{{ latest_rows('commitments', key=['commitment_id'], feeds=[ref('stg_extracts__commitments')]) }}
