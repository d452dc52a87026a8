"""A check of expectations/ as an asset check, and its outcome as the check's result."""

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

from expectations.suites import Check
from expectations.validation import Outcome
from orchestration.runtime.metadata_tables import show_rows


def specify(check: Check, asset: AssetKey) -> AssetCheckSpec:
    """Critical checks block what is downstream; the check's notes are its description."""
    return AssetCheckSpec(check.name, asset=asset, description=check.notes, blocking=check.severity == "critical")


def is_selected(context: AssetCheckExecutionContext, check: Check, asset: AssetKey) -> bool:
    """Whether the run selects the check: all checks in the nightly job, some in a run for a selection in the UI."""
    return AssetCheckKey(asset, check.name) in context.selected_asset_check_keys


def report(outcome: Outcome, asset: AssetKey) -> AssetCheckResult:
    check = outcome.check
    found = f"Found: {outcome.observed}{name_source(outcome.failing_rows)}."
    rows = {"failing_rows": show_rows(outcome.failing_rows)} if outcome.failing_rows else {}
    return AssetCheckResult(
        asset_key=asset,
        check_name=check.name,
        passed=outcome.success,
        severity=AssetCheckSeverity.ERROR if check.severity == "critical" else AssetCheckSeverity.WARN,
        description=check.notes if outcome.success else f"{check.notes} {found}",
        metadata={
            "observed": outcome.observed,
            "rows_checked": outcome.rows_checked,
            "failing_row_count": MetadataValue.int(outcome.unexpected_count or 0),
            "severity": check.severity,
            **rows,
        },
    )


def report_nothing_new(check: Check, asset: AssetKey) -> AssetCheckResult:
    """A check that did not run, because nothing was delivered since it passed."""
    return AssetCheckResult(
        asset_key=asset,
        check_name=check.name,
        passed=True,
        description=check.notes,
        metadata={"observed": "nothing new was delivered", "rows_checked": 0, "severity": check.severity},
    )


def describe(outcomes: Iterable[Outcome]) -> Iterable[str]:
    """A line for each failed check, with the place of a row that fails it; the rows are in the check's metadata."""
    for outcome in outcomes:
        if not outcome.success:
            check = outcome.check
            source = name_source(outcome.failing_rows)
            yield f"{check.table}: {check.name}: {outcome.observed}{source}. {check.notes}"


def name_source(failing_rows: Sequence[Mapping[str, Any]]) -> str:
    """File and record of the first row, if the rows have them."""
    row = failing_rows[0] if failing_rows else {}
    return f", for example {row['_file']}, record {row['_row']}" if "_file" in row else ""
