{{ latest_rows('surveys', ['response_id']) }}
