"""A suite of expectations/ as one asset check of its table, and the suite's outcomes as the check's result.

One asset check a suite, not one an expectation: each asset check costs Dagster several writes to its history a run.
"""

from collections.abc import Iterable, Iterator, Sequence

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
)

from expectations.suites import Check
from expectations.validation import Outcome
from orchestration.runtime.metadata_tables import show_rows

NAME = "expectations"


def specify(suite: Sequence[Check], asset: AssetKey) -> AssetCheckSpec:
    """It blocks what is downstream if an expectation of the suite is critical and fails."""
    return AssetCheckSpec(
        NAME,
        asset=asset,
        description="\n".join(f"- {check.name} ({check.severity}): {check.notes}" for check in suite),
        blocking=any(check.severity == "critical" for check in suite),
    )


def is_selected(context: AssetCheckExecutionContext, asset: AssetKey) -> bool:
    """Whether the run selects the check: all checks in the nightly job, some in a run for a selection in the UI."""
    return AssetCheckKey(asset, NAME) in context.selected_asset_check_keys


def report(outcomes: Sequence[Outcome], asset: AssetKey) -> AssetCheckResult:
    """The result of the suite: an error if a critical expectation failed, a warning if another one did."""
    failed = [outcome for outcome in outcomes if not outcome.success]
    is_critical = any(outcome.check.severity == "critical" for outcome in failed)
    return AssetCheckResult(
        asset_key=asset,
        check_name=NAME,
        passed=not failed,
        severity=AssetCheckSeverity.ERROR if is_critical else AssetCheckSeverity.WARN,
        description="\n".join(map(describe_failed, failed)) or f"all {len(outcomes)} passed",
        metadata={
            "rows_checked": max(outcome.rows_checked for outcome in outcomes),
            "outcomes": show_rows([show(outcome) for outcome in outcomes]),
            **{
                f"rows that fail {outcome.check.name}": show_rows(outcome.failing_rows)
                for outcome in failed
                if outcome.failing_rows
            },
        },
    )


def group_by_table(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    grouped: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        grouped.setdefault(outcome.check.table, []).append(outcome)
    return grouped


def show(outcome: Outcome) -> dict[str, object]:
    check = outcome.check
    return {
        "expectation": check.name,
        "severity": check.severity,
        "passed": outcome.success,
        "observed": outcome.observed,
        "why": check.notes,
    }


def report_nothing_new(asset: AssetKey) -> AssetCheckResult:
    """A suite that did not run, because nothing was delivered since it passed."""
    return AssetCheckResult(
        asset_key=asset,
        check_name=NAME,
        passed=True,
        description="nothing new was delivered since they passed",
        metadata={"rows_checked": 0},
    )


def describe(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A line for each failed expectation; the rows that fail it are in the check's metadata."""
    for outcome in outcomes:
        if not outcome.success:
            yield f"{outcome.check.table}: {describe_failed(outcome)}"


def describe_failed(outcome: Outcome) -> str:
    """What was found, with the place of a row that fails the expectation, and why it matters."""
    check = outcome.check
    row = outcome.failing_rows[0] if outcome.failing_rows else {}
    source = f", for example {row['_file']}, record {row['_row']}" if "_file" in row else ""
    return f"{check.name}: {outcome.observed}{source}. {check.notes}"
