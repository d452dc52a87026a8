"""What the daemon of the Dagster UI does between runs: watches landing, finds killed runs, sends alerts."""
