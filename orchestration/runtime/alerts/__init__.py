"""Alerts for failed runs: to a webhook, by mail, or both, as the environment configures them.

`send_alert` serves both ways to start a run: `make nightly` calls it at its end, and a sensor calls it for runs of the
Dagster UI (orchestration/defs/sensors/failures.py). It does not raise: a receiver that is down must not hide the
failure itself.
"""
