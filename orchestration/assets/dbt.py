"""Raw to marts: one dbt build. Every model is an asset, every data test a check (critical unless it only warns)."""

import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

from dagster import AssetCheckResult, AssetExecutionContext, AssetKey, AssetObservation, MetadataValue, Output
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from orchestration.assets import OWNERS
from orchestration.dbt_results import BrokenTest, read_broken_tests
from orchestration.environment import find_folder, put_tools_on_path
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log
from orchestration.warehouse import DBT_PROJECT, count_rows, dbt_environment, read_warehouse

put_tools_on_path()
PROJECT = DbtProject(DBT_PROJECT)
PROJECT.prepare_if_dev()
DBT = DbtCliResource(PROJECT)

DbtEvent = Output | AssetCheckResult | AssetObservation


class TreeTranslator(DagsterDbtTranslator):
    """Keys and groups from the tree: `marts/reach/reach__posts.sql` is `reach/posts` in the group reach."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["schema"]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> tuple[str, ...]:
        return OWNERS


@dbt_assets(
    name="dbt",
    manifest=PROJECT.manifest_path,
    project=PROJECT,
    dagster_dbt_translator=TreeTranslator(),
    pool="warehouse",
)
def dbt_models(context: AssetExecutionContext, dbt: DbtCliResource) -> Iterator[DbtEvent]:
    folder = find_folder()
    os.environ.update(dbt_environment(folder))
    target = folder.warehouse / "dbt"
    # Else a build that dies before its first model would be told by the results of the night before.
    (target / "run_results.json").unlink(missing_ok=True)
    # Unit tests are of the SQL, not of the night's data: `make test` runs them.
    build = dbt.cli(
        ["build", "--exclude-resource-type", "unit_test"],
        context=context,
        target_path=target,
        raise_on_error=False,
    )
    # dbt holds the warehouse until it ends; only then can rows be counted and failing rows be shown.
    events = list(build.stream())
    error = build.get_error()
    if error and not events:
        raise error
    broken = read_broken_tests(target, folder)
    rows, figures = count_rows(folder), plot_goals(folder)
    for event in events:
        if isinstance(event, Output):
            table = context.asset_key_for_output(event.output_name).to_user_string()
            if table in rows:
                metadata = {"dagster/row_count": rows[table], **figures.get(table, {})}
                context.add_output_metadata(metadata, output_name=event.output_name)
        yield show_failing_rows(event, broken) if isinstance(event, AssetCheckResult) else event
    report(events, broken)
    if error:
        raise error


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


def show_failing_rows(event: AssetCheckResult, broken: Mapping[str, BrokenTest]) -> AssetCheckResult:
    test = broken.get(event.metadata["unique_id"].value)
    if test is None:
        return event
    return event._replace(metadata={**event.metadata, "failing_rows": MetadataValue.json(test.rows)})


def report(events: list[DbtEvent], broken: Mapping[str, BrokenTest]) -> None:
    models = sum(isinstance(event, Output) for event in events)
    checks = sum(isinstance(event, AssetCheckResult) for event in events)
    log.info("dbt: %s models built, %s tests, %s of them not passed", models, checks, len(broken))
    for test in broken.values():
        for line in test.describe():
            log.log(logging.ERROR if test.is_critical else logging.WARNING, line)
