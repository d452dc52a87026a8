"""Everything about one run on one machine: the programme lock and liveness locks, Dagster's home, disk space,
restricted DuckDB connections, the log, redaction of personal data, and alerts.

Nothing here knows what a run loads, builds or publishes; this package imports programme/ only.
"""
