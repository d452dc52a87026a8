"""Messages about a failed run, from Dagster's events: which checks and steps failed, and why."""

from collections.abc import Iterable, Iterator
from typing import Any

from dagster import AssetCheckSeverity, DagsterEvent, DagsterEventType

KINDS = (DagsterEventType.ASSET_CHECK_EVALUATION, DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE)
"""The events that `describe_failures` needs."""


def describe_failures(events: Iterable[DagsterEvent]) -> list[str]:
    """Failed critical checks first, then errors of steps (without those of blocking checks, which only repeat the
    check). The error of the run itself only if there is neither: it failed outside of its steps."""
    events = list(events)
    return list(dict.fromkeys([*describe_checks(events), *describe_errors(events)])) or list(describe_ends(events))


def describe_checks(events: Iterable[DagsterEvent]) -> Iterator[str]:
    for event in events:
        if event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            check: Any = event.event_specific_data
            if not check.passed and check.severity == AssetCheckSeverity.ERROR:
                yield f"{check.asset_key.to_user_string()}: {check.check_name}. {check.description or ''}".strip()


def describe_errors(events: Iterable[DagsterEvent]) -> Iterator[str]:
    for event in events:
        if event.event_type == DagsterEventType.STEP_FAILURE:
            error: Any = find_cause(event.step_failure_data.error)
            if error.cls_name != "DagsterAssetCheckFailedError":
                yield f"{event.step_key}: {error.message.strip()}"


def find_cause(error: Any) -> Any:
    """The innermost error of a chain (Dagster's SerializableErrorInfo), None if there is none."""
    while error and error.cause:
        error = error.cause
    return error


def describe_ends(events: Iterable[DagsterEvent]) -> Iterator[str]:
    for event in events:
        if event.event_type == DagsterEventType.RUN_FAILURE:
            data: Any = event.event_specific_data
            error = find_cause(data.error)
            yield (error.message if error else event.message or "the run failed without a message").strip()
