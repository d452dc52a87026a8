"""What failed in a run, in words that lead to the cause."""

from collections.abc import Iterator

from dagster import AssetCheckSeverity, DagsterEventType, ExecuteInProcessResult


def describe_failures(result: ExecuteInProcessResult) -> list[str]:
    """Broken critical checks first, then the errors of steps (a blocking check's own error only repeats it)."""
    return list(dict.fromkeys([*describe_checks(result), *describe_errors(result)]))


def describe_checks(result: ExecuteInProcessResult) -> Iterator[str]:
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.severity == AssetCheckSeverity.ERROR:
            yield f"{check.asset_key.to_user_string()}: {check.check_name}. {check.description or ''}".strip()


def describe_errors(result: ExecuteInProcessResult) -> Iterator[str]:
    for event in result.all_events:
        if event.event_type == DagsterEventType.STEP_FAILURE:
            error = event.step_failure_data.error
            while error.cause:
                error = error.cause
            if error.cls_name != "DagsterAssetCheckFailedError":
                yield f"{event.step_key}: {error.message.strip()}"
