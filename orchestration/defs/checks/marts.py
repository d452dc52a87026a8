"""Expectations on the marts before they are published. A critical check that fails stops publishing."""

import logging
from collections.abc import Iterator

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetChecksDefinition, AssetKey, multi_asset_check

from expectations.suites import load_suites
from expectations.validation import validate
from orchestration.defs import POOL
from orchestration.defs.checks.expectations import describe, is_selected, report, specify
from orchestration.defs.resources import ProgrammeResource
from orchestration.programme.repository import REPOSITORY
from orchestration.runtime.run_log import log
from orchestration.warehouse.database import warehouse_file


def mart_key(table: str) -> AssetKey:
    return AssetKey(table.split("."))


def build_mart_checks() -> AssetChecksDefinition:
    suites = load_suites(REPOSITORY / "expectations" / "marts")
    checks = [check for suite in suites.values() for check in suite]

    @multi_asset_check(
        name="mart_expectations",
        specs=[specify(check, mart_key(check.table)) for check in checks],
        can_subset=True,
        pool=POOL,
    )
    def mart_expectations(
        context: AssetCheckExecutionContext, programme: ProgrammeResource
    ) -> Iterator[AssetCheckResult]:
        selected = [check for check in checks if is_selected(context, check, mart_key(check.table))]
        outcomes = validate(warehouse_file(programme.folder), selected)
        failed = list(describe(outcomes))
        log.info("marts: %s checks run, %s failed", len(outcomes), len(failed))
        for line in failed:
            log.log(logging.WARNING, line)
        for outcome in outcomes:
            yield report(outcome, mart_key(outcome.check.table))

    return mart_expectations
