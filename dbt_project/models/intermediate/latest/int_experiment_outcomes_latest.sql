{{ latest_rows('experiment_outcomes', ['experiment_id', 'unit_id', 'observed_on']) }}
