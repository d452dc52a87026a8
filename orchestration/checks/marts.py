"""Is what we are about to publish sane? A broken critical promise stops the publishing."""

import logging
from collections.abc import Iterator

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetKey, multi_asset_check

from expectations.suites import load_suites
from expectations.validation import validate
from orchestration.checks.promises import describe, is_asked, report, specify
from orchestration.environment import REPOSITORY, find_folder
from orchestration.progress import log
from orchestration.warehouse import warehouse_file

PROMISES = [promise for suite in load_suites(REPOSITORY / "expectations" / "marts").values() for promise in suite]


def mart_key(table: str) -> AssetKey:
    return AssetKey(table.split("."))


@multi_asset_check(
    name="mart_promises",
    specs=[specify(promise, mart_key(promise.table)) for promise in PROMISES],
    can_subset=True,
    pool="warehouse",
)
def mart_promises(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
    asked = [promise for promise in PROMISES if is_asked(context, promise, mart_key(promise.table))]
    outcomes = validate(warehouse_file(find_folder()), asked)
    broken = list(describe(outcomes))
    log.info("marts: %s promises checked, %s broken", len(outcomes), len(broken))
    for line in broken:
        log.log(logging.WARNING, line)
    for outcome in outcomes:
        yield report(outcome, mart_key(outcome.promise.table))
