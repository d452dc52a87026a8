"""What a run needs on its machine: the environment, the programme's lock and liveness locks, Dagster's home, disk space,
sealed DuckDB connections, logging, redaction and alerts."""
