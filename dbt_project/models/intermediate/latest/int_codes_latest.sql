{{ latest_rows('codes', ['code', 'valid_from']) }}
