{{ latest_rows('experiments', ['experiment_id']) }}
