{{ latest_rows('refunds', ['shop', 'refund_id']) }}
