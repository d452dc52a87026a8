"""Whether a version may be published: looks up the latest outcome of every critical check in Dagster's history.

A blocking check stops what is downstream only in its own run; without this, publishing that is started by hand after a
failed run would go ahead.
"""

from collections.abc import Iterable, Iterator

from dagster import AssetCheckKey, AssetKey, DagsterEventType, DagsterInstance


class NotPublishable(Exception):
    """Nothing is published; the message gives every reason, one a line."""


def assert_publishable(
    instance: DagsterInstance, marts: Iterable[AssetKey], critical_checks: Iterable[AssetCheckKey]
) -> None:
    """Raises NotPublishable unless one run built all `marts` (and what views among them stand on), and the latest
    outcome of each of `critical_checks` is a success that is not older than what it checked."""
    reasons = [*find_mixed_runs(instance, marts), *find_open_checks(instance, critical_checks)]
    if reasons:
        raise NotPublishable(
            "not published, and what was published last stays as it is:\n"
            + "\n".join(f"  {reason}" for reason in reasons)
            + "\n  What to do: correct the cause and run the whole nightly job."
        )


def find_mixed_runs(instance: DagsterInstance, marts: Iterable[AssetKey]) -> Iterator[str]:
    """A reason for each mart that was never built, and one if the marts come from several runs: a run that was killed
    half-way leaves some new and some old."""
    keys = list(marts)
    events = instance.get_latest_materialization_events(keys)
    runs = set()
    for key in keys:
        event = events.get(key)
        if event is None:
            yield f"{key.to_user_string()} was never built"
        else:
            runs.add(event.run_id)
    if len(runs) > 1:
        yield f"the marts come from {len(runs)} different runs, so they do not belong together"


def find_open_checks(instance: DagsterInstance, critical_checks: Iterable[AssetCheckKey]) -> Iterator[str]:
    """A reason for each check that failed last, never finished, or is older than what it checked."""
    checks = list(critical_checks)
    built = instance.get_latest_materialization_events(list({check.asset_key for check in checks}))
    for check in checks:
        name = f"check {check.name} on {check.asset_key.to_user_string()}"
        record = instance.get_latest_asset_check_evaluation_record(check)
        event = built.get(check.asset_key)
        # A run that stopped before the check leaves it planned.
        if record is None or record.event.dagster_event_type is not DagsterEventType.ASSET_CHECK_EVALUATION:
            yield f"{name} never finished"
        elif not record.evaluation.passed:
            yield f"{name} failed"
        elif event is not None and record.run_id != event.run_id and record.event.timestamp < event.timestamp:
            yield f"{name} has not been run since {check.asset_key.to_user_string()} was built again"
