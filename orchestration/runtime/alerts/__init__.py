"""Who is told that a night failed: a webhook, people by mail, or both, as the environment says.

Both ways to run a night come through `tell`: `make nightly` calls it at its end, and for runs of the Dagster UI a
sensor does (orchestration/sensors/failures.py). It does not raise: a receiver that is down must not hide what failed.
"""
