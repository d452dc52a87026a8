"""Raw to marts: one dbt build. A failing test is critical unless its severity is warn.

Only marts are outputs of the step, because other steps read only marts. Every other model is an event: for an output,
Dagster also looks up the versions of what it read, with a dozen connections to the history.
"""

import logging
import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetCheckKey,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetExecutionContext,
    AssetKey,
    AssetMaterialization,
    AssetsDefinition,
    Output,
)
from dagster_dbt import dbt_assets

from orchestration.defs import POOL
from orchestration.defs.check_events import record_check
from orchestration.defs.dbt_graph import DbtGraph, is_mart
from orchestration.defs.resources import ProgrammeResource
from orchestration.programme.published import read_latest
from orchestration.publishing.marts import SCHEMAS, read_marts
from orchestration.runtime.metadata_tables import show_rows
from orchestration.runtime.run_log import log
from orchestration.warehouse import changed_months
from orchestration.warehouse.changed_months import describe_changes, read_months
from orchestration.warehouse.database import dbt_environment, read_warehouse
from orchestration.warehouse.dbt_build import FAILED, BuildFailed, NodeResult, build_nodes, describe_errors
from orchestration.warehouse.engines import Engine, EngineUnavailable, choose_engine
from orchestration.warehouse.failed_tests import FailedTest, read_failed_tests
from orchestration.warehouse.fingerprint import decide_build, remove_fingerprint
from orchestration.warehouse.mart_files import remove_mart_files, write_mart_files

BUILT = ("success", "pass", "warn")
Event = Output | AssetMaterialization | AssetCheckEvaluation


def build_dbt_assets(graph: DbtGraph) -> AssetsDefinition:
    @dbt_assets(
        name="dbt",
        manifest=graph.manifest,
        project=graph.project,
        dagster_dbt_translator=graph.translator,
        pool=POOL,
    )
    def dbt_models(context: AssetExecutionContext, programme: ProgrammeResource) -> Iterator[Event]:
        folder = programme.folder
        settings = programme.read().settings
        selected = find_selected(graph, context)
        is_whole = len(selected) == len(graph.asset_keys) + len(graph.check_keys)
        os.environ.update(dbt_environment(folder))
        build = decide_build(folder)
        if is_whole and not build.is_needed:
            log.info("nothing new since version %s: dbt is skipped", read_latest(folder).get("version"))
            return
        engine = choose_engine(settings.engine)
        if not (is_whole or engine.builds_parts):
            raise EngineUnavailable(f"{settings.engine} builds all models, not some of them: select the whole job")
        os.environ.update(engine.environment(folder))
        names = None if is_whole else [graph.manifest["nodes"][node]["name"] for node in selected]
        target = folder.warehouse / "dbt"
        results = []
        months = None
        try:
            full_refresh = (build.full_refresh or engine.find_damage(folder)) if is_whole else None
            remove_fingerprint(folder)
            remove_mart_files(folder)
            if full_refresh:
                log.info("everything is built: %s", full_refresh)
            elif is_whole:
                with read_warehouse(folder) as warehouse:
                    months = read_months(lambda sql: warehouse.execute(sql).fetchall())
            engine.start(folder, full_refresh is not None)
            log.info("dbt builds with %s", settings.engine)
            for result in build_nodes(names, target, engine, is_full_refresh=months is None):
                results.append(result)
                is_of_months = result.unique_id.endswith(f".{changed_months.MODEL}")
                if months is not None and is_of_months and result.status in BUILT:
                    log.info("dbt: %s", describe_changes(months, read_months(engine.query)))
                if result.unique_id in graph.asset_keys and result.status in BUILT:
                    yield report_model(graph, result, engine, str(settings.engine))
                elif result.unique_id in graph.check_keys and result.status == "pass":
                    yield from record_check(dbt_models, report_test(graph, result, None))
            if loss := engine.find_loss():
                raise EngineUnavailable(loss)
            failed = read_failed_tests(results, folder, engine)
            for result in results:
                if result.unique_id in graph.check_keys and result.status not in ("pass", "skipped"):
                    test = report_test(graph, result, failed.get(result.unique_id))
                    yield from record_check(dbt_models, test)
            log_summary(results, failed)
            if errors := describe_errors(results):
                raise BuildFailed(errors)
            if any(target.parquet == "engine" for target in settings.publish):
                marts = [mart.table for mart in read_marts(graph.manifest_file)]
                write_mart_files(folder, engine.write_marts(folder, marts))
            engine.bring_home(folder, target)
        finally:
            engine.close()

    return dbt_models


def find_selected(graph: DbtGraph, context: AssetExecutionContext) -> list[str]:
    """Unique ids of the models, seeds and tests that the run selects."""
    nodes = [*graph.asset_keys.items(), *graph.check_keys.items()]
    selected: Collection[AssetKey | AssetCheckKey] = {*context.selected_asset_keys, *context.selected_asset_check_keys}
    return [node for node, key in nodes if key in selected]


def report_model(graph: DbtGraph, result: NodeResult, engine: Engine, ran_on: str) -> Output | AssetMaterialization:
    key = graph.asset_keys[result.unique_id]
    metadata = {
        "unique_id": result.unique_id,
        "status": result.status,
        "Execution Duration": result.seconds,
        "engine": ran_on,
        **count_rows(graph, result.unique_id, engine),
        **(plot_goals(engine) if key == AssetKey(["goals", "progress"]) else {}),
    }
    if is_mart(key):
        return Output(None, output_name=key.to_python_identifier(), metadata=metadata)
    return AssetMaterialization(key, metadata=metadata)


def count_rows(graph: DbtGraph, unique_id: str, engine: Engine) -> dict[str, int]:
    """Rows of a table or mart; other views are not counted, because that would run their queries."""
    node = graph.manifest["nodes"][unique_id]
    if node["config"]["materialized"] == "view" and node["schema"] not in SCHEMAS:
        return {}
    [(rows,)] = engine.query(f"select count(*) from {node['schema']}.{node['alias']}")
    return {"dagster/row_count": rows}


def plot_goals(engine: Engine) -> dict[str, float]:
    """Attainment and actual of each goal, which Dagster plots over the runs."""
    goals = engine.query("select goal_id, attainment, actual from goals.progress")
    return {
        **{f"attainment of {goal}": attainment for goal, attainment, _ in goals if attainment is not None},
        **{f"actual of {goal}": actual for goal, _, actual in goals if actual is not None},
    }


def report_test(graph: DbtGraph, result: NodeResult, failed: FailedTest | None) -> AssetCheckResult:
    key = graph.check_keys[result.unique_id]
    metadata: dict[str, Any] = {"unique_id": result.unique_id, "status": result.status}
    if failed:
        metadata |= {"dagster_dbt/failed_row_count": failed.failures, "failing_rows": show_rows(failed.rows)}
    return AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.status == "pass",
        severity=AssetCheckSeverity.WARN if result.status == "warn" else AssetCheckSeverity.ERROR,
        description=result.message if result.status in FAILED else None,
        metadata=metadata,
    )


def log_summary(results: list[NodeResult], failed: Mapping[str, FailedTest]) -> None:
    tests = sum(result.unique_id.startswith("test.") for result in results)
    log.info("dbt: %s models built, %s tests, %s of them failed", len(results) - tests, tests, len(failed))
    for test in failed.values():
        for line in test.describe():
            log.log(logging.ERROR if test.is_critical else logging.WARNING, line)
