"""Expectations on the marts before they are published. A critical check that fails stops publishing."""

import logging
from collections.abc import Iterator

from dagster import AssetCheckExecutionContext, AssetChecksDefinition, AssetKey, multi_asset_check

from expectations.suites import load_suites
from expectations.validation import validate
from orchestration.defs import POOL
from orchestration.defs.check_events import Recorded, record_check
from orchestration.defs.checks.expectations import describe, group_by_table, is_selected, report, specify
from orchestration.defs.resources import ProgrammeResource
from orchestration.programme.repository import REPOSITORY
from orchestration.runtime.run_log import log
from orchestration.warehouse.database import warehouse_file


def mart_key(table: str) -> AssetKey:
    return AssetKey(table.split("."))


def build_mart_checks() -> AssetChecksDefinition:
    suites = load_suites(REPOSITORY / "expectations" / "marts")

    @multi_asset_check(
        name="mart_expectations",
        specs=[specify(suite, mart_key(table)) for table, suite in suites.items()],
        can_subset=True,
        pool=POOL,
    )
    def mart_expectations(context: AssetCheckExecutionContext, programme: ProgrammeResource) -> Iterator[Recorded]:
        checks = [check for table, suite in suites.items() if is_selected(context, mart_key(table)) for check in suite]
        outcomes = validate(warehouse_file(programme.folder), checks)
        failed = list(describe(outcomes))
        log.info("marts: %s checks run, %s failed", len(outcomes), len(failed))
        for line in failed:
            log.log(logging.WARNING, line)
        for table, found in group_by_table(outcomes).items():
            yield from record_check(mart_expectations, report(found, mart_key(table)))

    return mart_expectations
