"""What the daemon of the Dagster UI does between the nights: watches landing, and tells of nights that failed."""
