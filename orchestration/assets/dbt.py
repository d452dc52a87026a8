"""Raw to marts: one dbt build of what has something new. A test that fails is critical unless it only warns."""

import logging
import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dagster import AssetCheckKey, AssetCheckResult, AssetCheckSeverity, AssetExecutionContext, AssetKey, Output
from dagster_dbt import dbt_assets

from orchestration.assets.dbt_graph import (
    PROJECT,
    TRANSLATOR,
    find_asset_keys,
    find_check_keys,
    find_order,
    read_manifest,
)
from orchestration.building.broken_tests import BrokenTest, read_broken_tests
from orchestration.building.build import FAILED, BuildFailed, NodeResult, describe_errors
from orchestration.building.night import build_night
from orchestration.environment import find_folder
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log
from orchestration.resources import ALONE
from orchestration.tables import show_rows
from orchestration.warehouse import count_rows, dbt_environment, read_warehouse

BUILT = ("success", "pass", "warn")
UNCHANGED = "unchanged"


@dbt_assets(
    name="dbt",
    manifest=PROJECT.manifest_path,
    project=PROJECT,
    dagster_dbt_translator=TRANSLATOR,
    pool="warehouse",
    required_resource_keys=ALONE,
)
def dbt_models(context: AssetExecutionContext) -> Iterator[Output | AssetCheckResult]:
    folder = find_folder()
    os.environ.update(dbt_environment(folder))
    asked = find_asked(context)
    # Who chose a few assets in the UI wants them built, and what they stand on may be of another night.
    is_whole = len(asked) == len(find_asset_keys()) + len(find_check_keys())
    built = build_night(folder, read_manifest(), asked, takes_up=is_whole)
    results = built.results
    broken = read_broken_tests(results, folder)
    rows, figures = count_rows(folder), plot_goals(folder)
    unchanged = [NodeResult(node, UNCHANGED, 0, None, None, None) for node in built.unchanged]
    told = [result for result in (*unchanged, *results) if result.unique_id in find_order()]
    for result in sorted(told, key=lambda result: find_order()[result.unique_id]):
        if result.unique_id in find_check_keys():
            if result.status != "skipped":
                yield report_test(result, broken.get(result.unique_id))
        elif result.status in (*BUILT, UNCHANGED):
            table = find_asset_keys()[result.unique_id].to_user_string()
            counted = {"dagster/row_count": rows[table], **figures.get(table, {})} if table in rows else {}
            yield report_model(result, counted)
    summarise(results, unchanged, broken)
    if errors := describe_errors(results):
        raise BuildFailed(errors)


def find_asked(context: AssetExecutionContext) -> list[str]:
    """Unique ids of the models, seeds and tests that the run is to build."""
    nodes = [*find_asset_keys().items(), *find_check_keys().items()]
    selected: Collection[AssetKey | AssetCheckKey] = {*context.selected_asset_keys, *context.selected_asset_check_keys}
    return [node for node, key in nodes if key in selected]


def report_model(result: NodeResult, counted: Mapping[str, Any]) -> Output:
    return Output(
        None,
        output_name=find_asset_keys()[result.unique_id].to_python_identifier(),
        metadata={
            "unique_id": result.unique_id,
            "status": result.status,
            **({} if result.status == UNCHANGED else {"Execution Duration": result.seconds}),
            **counted,
        },
    )


def report_test(result: NodeResult, broken: BrokenTest | None) -> AssetCheckResult:
    key = find_check_keys()[result.unique_id]
    return AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.status in ("pass", UNCHANGED),
        severity=AssetCheckSeverity.WARN if result.status == "warn" else AssetCheckSeverity.ERROR,
        description=result.message if result.status in FAILED else None,
        metadata={
            "unique_id": result.unique_id,
            "status": result.status,
            **({} if result.failures is None else {"dagster_dbt/failed_row_count": result.failures}),
            **({"failing_rows": show_rows(broken.rows)} if broken else {}),
        },
    )


def plot_goals(folder: ProgrammeFolder) -> Mapping[str, Mapping[str, float]]:
    """Numbers of the goals' marts by table: Dagster draws each as a line over the nights."""
    with read_warehouse(folder) as warehouse:
        known = warehouse.execute(
            "select 1 from duckdb_tables() where schema_name = 'goals' and table_name = 'progress'"
        ).fetchall()
        goals = known and warehouse.execute("select goal_id, attainment, actual from goals.progress").fetchall()
    return {
        "goals/progress": {
            **{f"attainment of {goal}": attainment for goal, attainment, _ in goals if attainment is not None},
            **{f"actual of {goal}": actual for goal, _, actual in goals if actual is not None},
        }
    }


def summarise(results: list[NodeResult], unchanged: list[NodeResult], broken: Mapping[str, BrokenTest]) -> None:
    tests = sum(result.unique_id in find_check_keys() for result in results)
    models = len(results) - tests
    stood = f", {len(unchanged)} models and tests as they were" if unchanged else ""
    log.info("dbt: %s models built, %s tests, %s of them not passed%s", models, tests, len(broken), stood)
    for test in broken.values():
        for line in test.describe():
            log.log(logging.ERROR if test.is_critical else logging.WARNING, line)
