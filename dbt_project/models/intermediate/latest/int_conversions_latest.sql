{{ latest_rows('conversions', ['conversion_id']) }}
