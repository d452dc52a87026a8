"""Is what we are about to publish sane? A failed critical check stops the publishing."""

import logging
from collections.abc import Iterator, Sequence

from dagster import AssetCheckExecutionContext, AssetCheckResult, AssetKey, multi_asset_check

from expectations.suites import Check, load_suites
from expectations.validation import Outcome, validate
from orchestration.assets.dbt_graph import find_asset_keys
from orchestration.building.inputs import combine
from orchestration.building.standing import read_standing, remember_standing
from orchestration.checks.promises import describe, is_asked, report, report_unchanged, specify
from orchestration.environment import REPOSITORY, find_folder
from orchestration.progress import log
from orchestration.resources import ALONE
from orchestration.warehouse import warehouse_file

SUITES = load_suites(REPOSITORY / "expectations" / "marts")
CHECKS = [check for suite in SUITES.values() for check in suite]


def mart_key(table: str) -> AssetKey:
    return AssetKey(table.split("."))


@multi_asset_check(
    name="mart_promises",
    specs=[specify(check, mart_key(check.table)) for check in CHECKS],
    can_subset=True,
    pool="warehouse",
    required_resource_keys=ALONE,
)
def mart_promises(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
    folder = find_folder()
    asked = [check for check in CHECKS if is_asked(context, check, mart_key(check.table))]
    # Great Expectations costs seconds before its first look, so a mart that is as it was is not looked at again; unless
    # somebody asks for a few of its checks.
    standing = read_standing(folder) if len(asked) == len(CHECKS) else {}
    inputs = {table: fingerprint(suite, standing) for table, suite in SUITES.items()}
    kept = {table for table in SUITES if inputs[table] and standing.get(name(table)) == inputs[table]}
    outcomes = validate(warehouse_file(folder), [check for check in asked if check.table not in kept])
    failed = list(describe(outcomes))
    log.info("marts: %s checks run, %s failed", len(outcomes), len(failed))
    for line in failed:
        log.log(logging.WARNING, line)
    remember_standing(folder, {name(table): inputs[table] for table in find_kept(outcomes) if inputs[table]})
    for outcome in outcomes:
        yield report(outcome, mart_key(outcome.check.table))
    for check in asked:
        if check.table in kept:
            yield report_unchanged(check, mart_key(check.table))


def name(table: str) -> str:
    return f"checks on {table}"


def fingerprint(suite: Sequence[Check], standing: dict[str, str]) -> str | None:
    """What a suite says of a mart, and from what that was built; None where that is not known."""
    models = {key: node for node, key in find_asset_keys().items()}
    built = standing.get(models[mart_key(suite[0].table)])
    return combine([built, *map(repr, suite)]) if built else None


def find_kept(outcomes: Sequence[Outcome]) -> set[str]:
    """Tables on which every check passed."""
    return {outcome.check.table for outcome in outcomes} - {o.check.table for o in outcomes if not o.success}
