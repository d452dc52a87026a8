{{ latest_rows('requests', ['request_id']) }}
