"""Marts to published version: the asset that publishes if every critical check passed."""

from collections.abc import Sequence
from datetime import timedelta

from dagster import (
    AssetCheckKey,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    DagsterInstance,
    FreshnessPolicy,
    MaterializeResult,
    MetadataValue,
    asset,
)

from orchestration.defs import OWNERS, POOL
from orchestration.defs.dbt_graph import DbtGraph
from orchestration.defs.resources import ProgrammeResource
from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.gate import assert_publishable
from orchestration.publishing.marts import read_marts
from orchestration.publishing.publish import publish_version
from orchestration.publishing.restated_months import Restatement
from orchestration.runtime.messages import shorten_list
from orchestration.runtime.metadata_tables import show_rows
from orchestration.runtime.run_log import log
from orchestration.warehouse.fingerprint import write_fingerprint
from orchestration.warehouse.mart_files import note_version

# A day, one hour for the end of daylight saving time, and one for the run itself.
DAILY = FreshnessPolicy.time_window(timedelta(hours=26))
MONTHS_SHOWN = 12
PUBLISHED = AssetKey(["published", "marts"])


def build_published_asset(
    folder: ProgrammeFolder, graph: DbtGraph, critical_checks: Sequence[AssetCheckKey]
) -> AssetsDefinition:
    """The asset that publishes, if each of `critical_checks` passed."""
    marts = read_marts(graph.manifest_file)
    tables = graph.find_tables(mart.unique_id for mart in marts)

    @asset(
        key=PUBLISHED,
        deps=[AssetKey([mart.schema, mart.name]) for mart in marts],
        group_name="published",
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        pool=POOL,
        freshness_policy=DAILY,
        metadata={"dagster/uri": str(folder.published)},
        description="Marts and report of one version, published together and kept in published/versions/<version>/.",
    )
    def published(context: AssetExecutionContext, programme: ProgrammeResource) -> MaterializeResult:
        assert_publishable(context.instance, tables, critical_checks)
        folder = programme.folder
        settings = programme.read().settings
        version = publish_version(folder, marts, settings.keep_versions, str(settings.engine))
        note_version(folder, version.name)
        if is_built_by(context.run_id, list(graph.tables.values()), context.instance):
            write_fingerprint(folder)
        rows = sum(version.rows.values())
        log.info("published version %s: %s marts, %s rows", version.name, len(version.rows), f"{rows:,}")
        return MaterializeResult(
            metadata={
                "version": version.name,
                "engine": str(settings.engine),
                "report": MetadataValue.path(folder.published / "report.html"),
                "marts": MetadataValue.path(folder.published_marts),
                "docs": MetadataValue.path(folder.docs / "index.html"),
                "folder": MetadataValue.path(version.folder),
                "dagster/row_count": rows,
                **report_restated(version.restated),
                **{f"rows of {table}": count for table, count in version.rows.items()},
            }
        )

    return published


def report_restated(restated: Restatement) -> dict[str, MetadataValue]:
    """Log which closed months changed; returns metadata with why, or why nothing was compared."""
    if restated.problem:
        log.warning("%s", *restated.describe())
        return {"closed months": MetadataValue.text(restated.problem)}
    if not restated.months:
        return {}
    shown = ", ".join(shorten_list(list(restated.months), MONTHS_SHOWN))
    log.info("closed months that changed since version %s: %s", restated.since, shown)
    months = [{"month": month, "why": why} for month, why in restated.months.items()]
    return {"closed months that changed": show_rows(months)}


def is_built_by(run_id: str, keys: Sequence[AssetKey], instance: DagsterInstance) -> bool:
    """Whether this run built the whole warehouse, so that it matches the current raw files and plan."""
    events = instance.get_latest_materialization_events(keys)
    return all(event is not None and event.run_id == run_id for event in events.values())
