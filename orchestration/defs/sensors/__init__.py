"""Sensors, which the daemon of the Dagster UI evaluates between runs: new files, killed runs, alerts."""
