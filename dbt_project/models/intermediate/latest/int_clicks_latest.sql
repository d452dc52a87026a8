{{ latest_rows('clicks', ['click_id']) }}
