"""The marts as readers get them."""

from collections.abc import Sequence
from datetime import timedelta

from dagster import (
    AssetCheckKey,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    FreshnessPolicy,
    MaterializeResult,
    MetadataValue,
    asset,
)

from orchestration.assets import OWNERS
from orchestration.assets.dbt_graph import PROJECT, find_table_keys
from orchestration.building.damage import remember_left
from orchestration.environment import find_folder
from orchestration.progress import log
from orchestration.publishing.gate import assert_publishable
from orchestration.publishing.marts import read_marts
from orchestration.publishing.night import publish_night
from orchestration.resources import ALONE

# A day, an hour for the end of summer time, and one for the work itself: whatever starts the nights, one did not come.
EVERY_NIGHT = FreshnessPolicy.time_window(timedelta(hours=26))
PUBLISHED = AssetKey(["published", "marts"])


def build_published_asset(critical_checks: Sequence[AssetCheckKey]) -> AssetsDefinition:
    """The asset that publishes, if none of `critical_checks` says no."""
    marts = read_marts(PROJECT.manifest_path)
    keys = [AssetKey([mart.schema, mart.name]) for mart in marts]
    tables = find_table_keys(mart.unique_id for mart in marts)

    @asset(
        key=PUBLISHED,
        deps=keys,
        group_name="published",
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        pool="warehouse",
        required_resource_keys=ALONE,
        freshness_policy=EVERY_NIGHT,
        metadata={"dagster/uri": str(find_folder().published)},
        description="All marts of the night and its report, swapped in at once; kept in `published/nights/<night>/`.",
    )
    def published(context: AssetExecutionContext) -> MaterializeResult:
        assert_publishable(context.instance, tables, critical_checks)
        folder = find_folder()
        night = publish_night(folder, marts)
        remember_left(folder)
        log.info("published night %s: %s marts, %s rows", night.name, len(night.rows), f"{sum(night.rows.values()):,}")
        return MaterializeResult(
            metadata={
                "night": night.name,
                "report": MetadataValue.path(folder.published / "report.html"),
                "marts": MetadataValue.path(folder.published_marts),
                "docs": MetadataValue.path(folder.docs / "index.html"),
                "folder": MetadataValue.path(night.folder),
                "dagster/row_count": sum(night.rows.values()),
                **{f"rows of {table}": rows for table, rows in night.rows.items()},
            }
        )

    return published
