"""The nightly job, the rebuild, and the schedule."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    RunConfig,
    ScheduleDefinition,
    define_asset_job,
)

from orchestration.defs.assets.programme import ProgrammeConfig
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.unvalidated_plan import read_timezone

SENDS_ALERT = "reach_and_results/sends_alert"
"""Tag of runs whose starter sends the alert when they fail, so that no sensor sends it again."""

NIGHTLY = define_asset_job(
    "nightly",
    AssetSelection.all(),
    description="Landing to published marts: loads what is new, builds, checks, and publishes all marts or none.",
    # All steps: what a retry publishes must come from one run.
    tags={"dagster/max_retries": "1", "dagster/retry_strategy": "ALL_STEPS"},
)
REBUILD = define_asset_job(
    "rebuild",
    AssetSelection.all(),
    description="The same, after removing raw, ledger and warehouse: everything is loaded from landing again.",
    config=RunConfig(ops={"programme": ProgrammeConfig(rebuild=True)}),
)


def build_schedule(folder: ProgrammeFolder) -> ScheduleDefinition:
    """Every day at 03:00 in the programme's time zone: after midnight, so that the day before is complete."""
    return ScheduleDefinition(
        name="every_night",
        job=NIGHTLY,
        cron_schedule="0 3 * * *",
        execution_timezone=read_timezone(folder),
        default_status=DefaultScheduleStatus.RUNNING,
    )
