"""Alerts for failed runs that the Dagster UI, its schedule or `dg launch` started; `make nightly` sends its own."""

from dagster import DefaultSensorStatus, RunFailureSensorContext, SensorDefinition, SkipReason, run_failure_sensor

from orchestration.defs.jobs import NIGHTLY, REBUILD, SENDS_ALERT
from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.alerts.channels import ChannelMisconfigured, read_channels
from orchestration.runtime.alerts.sending import send_alert
from orchestration.runtime.failures import KINDS, describe_failures
from orchestration.runtime.liveness import KILLED

WILL_RETRY = "dagster/will_retry"


class AlertNotSent(Exception):
    """Shown at the sensor's tick in the UI; the message contains no address."""


def build_failure_sensor(folder: ProgrammeFolder) -> SensorDefinition:
    """The sensor is on by default if the environment configures a channel, also if it does so wrongly."""

    @run_failure_sensor(
        name="alert_on_failed_runs",
        monitored_jobs=[NIGHTLY, REBUILD],
        default_status=DefaultSensorStatus.RUNNING if has_receiver() else DefaultSensorStatus.STOPPED,
        description="Notifies ALERT_WEBHOOK_URL and ALERT_MAIL_TO when a run failed and is not retried.",
    )
    def alert_on_failed_runs(context: RunFailureSensorContext) -> SkipReason | None:
        run = context.dagster_run
        if SENDS_ALERT in run.tags and KILLED not in run.tags:
            return SkipReason(f"make {run.job_name} sends the alert")
        if run.tags.get(WILL_RETRY) == "true":
            return SkipReason("the run will be retried")
        entries = context.instance.all_logs(run.run_id, of_type=set(KINDS))
        events = [entry.dagster_event for entry in entries if entry.dagster_event]
        problems = send_alert(folder, run.job_name, describe_failures(events), f"{run.run_id} in the Dagster UI")
        if problems:
            raise AlertNotSent("; ".join(problems))
        return None

    return alert_on_failed_runs


def has_receiver() -> bool:
    try:
        return bool(read_channels())
    except ChannelMisconfigured:
        return True
