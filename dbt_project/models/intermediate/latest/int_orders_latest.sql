{{ latest_rows('orders', ['shop', 'order_id']) }}
