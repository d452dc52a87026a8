{{ latest_rows('recommendations', ['response_id']) }}
