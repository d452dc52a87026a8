"""A promise of expectations/ as an asset check, and what became of it as the check's result."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    MetadataValue,
)

from expectations.suites import Promise
from expectations.validation import Outcome
from orchestration.runtime.metadata_tables import show_rows


def specify(promise: Promise, asset: AssetKey) -> AssetCheckSpec:
    """Critical promises block what is downstream; the sentence that explains the promise is the check's description."""
    return AssetCheckSpec(
        promise.name, asset=asset, description=promise.because, blocking=promise.severity == "critical"
    )


def is_asked(context: AssetCheckExecutionContext, promise: Promise, asset: AssetKey) -> bool:
    """Whether the run wants to know: all night, or a few assets or checks that somebody chose in the UI."""
    return AssetCheckKey(asset, promise.name) in context.selected_asset_check_keys


def report(outcome: Outcome, asset: AssetKey) -> AssetCheckResult:
    promise = outcome.promise
    found = f"Found: {outcome.observed}{name_place(outcome.failing_rows)}."
    rows = {"failing_rows": show_rows(outcome.failing_rows)} if outcome.failing_rows else {}
    return AssetCheckResult(
        asset_key=asset,
        check_name=promise.name,
        passed=outcome.success,
        severity=AssetCheckSeverity.ERROR if promise.severity == "critical" else AssetCheckSeverity.WARN,
        description=promise.because if outcome.success else f"{promise.because} {found}",
        metadata={
            "observed": outcome.observed,
            "rows_checked": outcome.rows_checked,
            "rows_that_break_it": MetadataValue.int(outcome.unexpected_count or 0),
            "severity": promise.severity,
            **rows,
        },
    )


def report_nothing_new(promise: Promise, asset: AssetKey) -> AssetCheckResult:
    return report_without_a_look(promise, asset, "nothing new was delivered")


def report_without_a_look(promise: Promise, asset: AssetKey, observed: str) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=asset,
        check_name=promise.name,
        passed=True,
        description=promise.because,
        metadata={"observed": observed, "rows_checked": 0, "severity": promise.severity},
    )


def describe(outcomes: Iterable[Outcome]) -> Iterable[str]:
    """A line for each broken promise, with the place of a row that breaks it; the rows are in the check's metadata."""
    for outcome in outcomes:
        if not outcome.success:
            promise = outcome.promise
            place = name_place(outcome.failing_rows)
            yield f"{promise.table}: {promise.name}: {outcome.observed}{place}. {promise.because}"


def name_place(failing_rows: Sequence[Mapping[str, Any]]) -> str:
    """Where the first row came from, for rows that know it."""
    row = failing_rows[0] if failing_rows else {}
    return f", for example {row['_file']}, record {row['_row']}" if "_file" in row else ""
