{{ latest_rows('costs', ['cost_id']) }}
