"""The marts as readers get them."""

from collections.abc import Sequence

from dagster import AssetCheckKey, AssetExecutionContext, AssetKey, AssetsDefinition, MaterializeResult, asset

from orchestration.assets import OWNERS
from orchestration.assets.dbt import PROJECT
from orchestration.environment import find_folder
from orchestration.progress import log
from orchestration.publishing.gate import assert_publishable
from orchestration.publishing.marts import read_marts
from orchestration.publishing.night import publish_night

PUBLISHED = AssetKey(["published", "marts"])


def build_published_asset(critical_checks: Sequence[AssetCheckKey]) -> AssetsDefinition:
    """The asset that publishes, if none of `critical_checks` says no."""
    marts = read_marts(PROJECT.manifest_path)
    keys = [AssetKey([mart.schema, mart.name]) for mart in marts]

    @asset(
        key=PUBLISHED,
        deps=keys,
        group_name="published",
        kinds={"duckdb", "parquet"},
        owners=OWNERS,
        pool="warehouse",
        description="All marts of the night and its report, swapped in at once, and kept in published/nights/<night>/.",
    )
    def published(context: AssetExecutionContext) -> MaterializeResult:
        assert_publishable(context.instance, keys, critical_checks)
        folder = find_folder()
        night = publish_night(folder, marts)
        log.info("published night %s: %s marts, %s rows", night.name, len(night.rows), f"{sum(night.rows.values()):,}")
        return MaterializeResult(
            metadata={
                "night": night.name,
                "report": str(folder.published / "report.html"),
                "marts": str(folder.published_marts),
                "folder": str(night.folder),
                "dagster/row_count": sum(night.rows.values()),
                **{f"rows of {table}": rows for table, rows in night.rows.items()},
            }
        )

    return published
