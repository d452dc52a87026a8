"""What a run needs on its machine: environment, locks, Dagster's home, disk space, sealed DuckDB connections, logging,
redaction and alerts."""
