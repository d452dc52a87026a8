"""Finds runs that were killed, so that the queue does not wait for them and the UI does not show them as at work."""

from dagster import DefaultSensorStatus, SensorEvaluationContext, SkipReason, sensor

from orchestration.environment import find_folder
from orchestration.living import end_dead_runs


@sensor(
    name="killed_runs",
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING,
    description="Has Dagster know of runs that were killed: they could not say so themselves.",
)
def killed_runs(context: SensorEvaluationContext) -> SkipReason:
    ended = end_dead_runs(context.instance, find_folder())
    return SkipReason(f"killed: {', '.join(ended)}" if ended else "every run that has begun is alive")
