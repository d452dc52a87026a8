{{ latest_rows('post_metrics', ['post_id', 'observed_at']) }}
