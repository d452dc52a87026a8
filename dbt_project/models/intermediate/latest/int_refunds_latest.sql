{{ latest_rows(ref('stg_extracts__refunds'), ['shop', 'refund_id']) }}
