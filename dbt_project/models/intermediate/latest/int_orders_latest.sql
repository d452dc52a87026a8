{{ latest_rows(ref('stg_extracts__orders'), ['shop', 'order_id']) }}
