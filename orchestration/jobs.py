"""The nightly job, the rebuild, and when they run."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    RunConfig,
    ScheduleDefinition,
    define_asset_job,
)

from orchestration.assets.programme import ProgrammeConfig
from orchestration.environment import find_folder
from orchestration.programme.timezone import read_timezone

TELLS_ITSELF = "reach_and_results/tells_itself"
"""Tag of runs whose starter tells of their failure, so that no sensor does it again."""

NIGHTLY = define_asset_job(
    "nightly",
    AssetSelection.all(),
    description="Landing to published marts: loads what is new, builds, checks, and publishes all marts or none.",
    # From the beginning, where a damaged warehouse is found and dropped; what stands is not built again.
    tags={"dagster/max_retries": "1", "dagster/retry_strategy": "ALL_STEPS"},
)
REBUILD = define_asset_job(
    "rebuild",
    AssetSelection.all(),
    description="The same, after forgetting raw, ledger and warehouse: everything comes from landing again.",
    config=RunConfig(ops={"programme": ProgrammeConfig(rebuild=True)}),
)


def build_schedule() -> ScheduleDefinition:
    """Every night at 03:00 in the programme's time zone: after midnight, so that the day before is whole."""
    return ScheduleDefinition(
        name="every_night",
        job=NIGHTLY,
        cron_schedule="0 3 * * *",
        execution_timezone=read_timezone(find_folder()),
        default_status=DefaultScheduleStatus.RUNNING,
    )
