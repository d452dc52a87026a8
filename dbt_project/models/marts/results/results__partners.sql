{{ results_by_partner(dbt.last_day('results.month', 'month')) }}
