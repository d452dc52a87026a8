"""Tells of failed nights that the Dagster UI, its schedule or `dg launch` ran; `make nightly` tells of its own."""

from dagster import DefaultSensorStatus, RunFailureSensorContext, SensorDefinition, SkipReason, run_failure_sensor

from orchestration.alerts.channels import NotSet, read_channels
from orchestration.alerts.telling import tell
from orchestration.environment import find_folder
from orchestration.failures import KINDS, describe_failures
from orchestration.jobs import NIGHTLY, REBUILD, TELLS_ITSELF
from orchestration.living import KILLED

WILL_RETRY = "dagster/will_retry"


class SomebodyWasNotTold(Exception):
    """So that the sensor's tick shows it; the message holds no address."""


def build_failure_sensor() -> SensorDefinition:
    """On as soon as the environment says whom to tell, or tries to."""

    @run_failure_sensor(
        name="tell_of_failed_nights",
        monitored_jobs=[NIGHTLY, REBUILD],
        default_status=DefaultSensorStatus.RUNNING if is_anybody_told() else DefaultSensorStatus.STOPPED,
        description="Tells whom ALERT_WEBHOOK_URL or ALERT_MAIL_TO name when a run failed and is not tried again.",
    )
    def tell_of_failed_nights(context: RunFailureSensorContext) -> SkipReason | None:
        run = context.dagster_run
        if TELLS_ITSELF in run.tags and KILLED not in run.tags:
            return SkipReason(f"make {run.job_name} told of it itself")
        if run.tags.get(WILL_RETRY) == "true":
            return SkipReason("it is tried again first")
        entries = context.instance.all_logs(run.run_id, of_type=set(KINDS))
        failures = describe_failures(entry.dagster_event for entry in entries)
        problems = tell(find_folder(), run.job_name, failures, f"{run.run_id} in the Dagster UI")
        if problems:
            raise SomebodyWasNotTold("; ".join(problems))
        return None

    return tell_of_failed_nights


def is_anybody_told() -> bool:
    try:
        return bool(read_channels())
    except NotSet:
        return True
