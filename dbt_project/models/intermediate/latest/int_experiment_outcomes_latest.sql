{{ latest_rows(
    'experiment_outcomes',
    key=['experiment_id', 'unit_id', 'observed_on'],
    delivered=ref('int_experiment_outcomes_current'),
) }}
