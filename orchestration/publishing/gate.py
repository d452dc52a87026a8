"""Decides whether a version may be published, from the latest results of all critical checks in Dagster's history.

A blocking check stops downstream assets only in its own run. Without this gate, the asset that publishes could be
materialized manually after a failed run.
"""

from collections.abc import Iterable, Iterator

from dagster import (
    AssetCheckEvaluation,
    AssetCheckKey,
    AssetCheckSeverity,
    AssetKey,
    DagsterEventType,
    DagsterInstance,
)


class NotPublishable(Exception):
    """Nothing is published; the message has every reason, one per line."""


def assert_publishable(
    instance: DagsterInstance, marts: Iterable[AssetKey], critical_checks: Iterable[AssetCheckKey]
) -> None:
    """Raises NotPublishable unless a single run built all `marts` (and the tables that views among them read), and each
    of `critical_checks` passed at its latest evaluation, which is not older than the checked asset."""
    reasons = [*find_mixed_runs(instance, marts), *find_open_checks(instance, critical_checks)]
    if reasons:
        raise NotPublishable(
            "not published; the last published version is unchanged:\n"
            + "\n".join(f"  {reason}" for reason in reasons)
            + "\n  What to do: fix the cause and run the whole nightly job."
        )


def find_mixed_runs(instance: DagsterInstance, marts: Iterable[AssetKey]) -> Iterator[str]:
    """A reason for each mart that was never built, and one if different runs built the marts, as after a killed run."""
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
        yield f"the marts were built by {len(runs)} different runs, so they may not match"


def find_open_checks(instance: DagsterInstance, critical_checks: Iterable[AssetCheckKey]) -> Iterator[str]:
    """A reason for each check that failed, never finished, or is older than the asset that it checked."""
    checks = list(critical_checks)
    built = instance.get_latest_materialization_events(list({check.asset_key for check in checks}))
    for check in checks:
        name = f"check {check.name} on {check.asset_key.to_user_string()}"
        record = instance.get_latest_asset_check_evaluation_record(check)
        event = built.get(check.asset_key)
        evaluated = record.event if record else None
        # A run that stops before the check leaves only the event that planned it.
        if evaluated is None or evaluated.dagster_event_type is not DagsterEventType.ASSET_CHECK_EVALUATION:
            yield f"{name} never finished"
        elif not (record and record.evaluation) or is_failed(record.evaluation):
            yield f"{name} failed"
        elif event is not None and record.run_id != event.run_id and evaluated.timestamp < event.timestamp:
            yield f"{name} has not run since {check.asset_key.to_user_string()} was last built"


def is_failed(evaluation: AssetCheckEvaluation) -> bool:
    """A check of several expectations may fail as a warning."""
    return not evaluation.passed and evaluation.severity is AssetCheckSeverity.ERROR
