"""What failed in a run, in words that lead to the cause."""

from collections.abc import Iterable, Iterator

from dagster import AssetCheckSeverity, DagsterEvent, DagsterEventType

KINDS = (DagsterEventType.ASSET_CHECK_EVALUATION, DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE)
"""The events that say so."""


def describe_failures(events: Iterable[DagsterEvent]) -> list[str]:
    """Broken critical checks first, then the errors of steps (a blocking check's own error only repeats it); what ended
    the run only where neither says anything, because a run that dies outside of its steps leaves nothing else."""
    events = list(events)
    return list(dict.fromkeys([*describe_checks(events), *describe_errors(events)])) or list(describe_ends(events))


def describe_checks(events: Iterable[DagsterEvent]) -> Iterator[str]:
    for event in events:
        if event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.event_specific_data
            if not check.passed and check.severity == AssetCheckSeverity.ERROR:
                yield f"{check.asset_key.to_user_string()}: {check.check_name}. {check.description or ''}".strip()


def describe_errors(events: Iterable[DagsterEvent]) -> Iterator[str]:
    for event in events:
        if event.event_type == DagsterEventType.STEP_FAILURE:
            error = event.step_failure_data.error
            while error.cause:
                error = error.cause
            if error.cls_name != "DagsterAssetCheckFailedError":
                yield f"{event.step_key}: {error.message.strip()}"


def describe_ends(events: Iterable[DagsterEvent]) -> Iterator[str]:
    for event in events:
        if event.event_type == DagsterEventType.RUN_FAILURE:
            error = event.event_specific_data.error
            while error and error.cause:
                error = error.cause
            yield (error.message if error else event.message or "the run failed without a word").strip()
