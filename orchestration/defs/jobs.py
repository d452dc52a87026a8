"""The jobs nightly and rebuild, and the daily schedule."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    RunConfig,
    ScheduleDefinition,
    define_asset_job,
)

from orchestration.defs.assets.programme import ProgrammeConfig
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.unvalidated_plan import read_schedule, read_timezone

SENDS_ALERT = "reach_and_results/sends_alert"
"""Tag of runs that `make nightly` started: it sends the alert if they fail, so the sensor does not."""

NIGHTLY = define_asset_job(
    "nightly",
    AssetSelection.all(),
    description="Sources to published marts: pulls and loads what is new, builds, checks, publishes all marts or none.",
    # All steps, because the marts that a retry publishes must come from one run.
    tags={"dagster/max_retries": "1", "dagster/retry_strategy": "ALL_STEPS"},
)
REBUILD = define_asset_job(
    "rebuild",
    # From landing alone: what was pulled is there.
    AssetSelection.all() - AssetSelection.groups("pulled"),
    description="The same without pulling, after removing raw, ledger and warehouse: all of landing is loaded again.",
    config=RunConfig(ops={"programme": ProgrammeConfig(rebuild=True)}),
)


def build_schedule(folder: ProgrammeFolder) -> ScheduleDefinition:
    """The `schedule` of settings.yml, by default daily at 03:00, in the programme's time zone."""
    return ScheduleDefinition(
        name="every_night",
        job=NIGHTLY,
        cron_schedule=read_schedule(folder),
        execution_timezone=read_timezone(folder),
        default_status=DefaultScheduleStatus.RUNNING,
    )
