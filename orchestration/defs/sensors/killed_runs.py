"""Marks killed runs as failed, so that the queue does not wait for them and the UI does not show them as running."""

from dagster import DefaultSensorStatus, SensorDefinition, SensorEvaluationContext, SkipReason, sensor

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.liveness import end_dead_runs


def build_killed_runs_sensor(folder: ProgrammeFolder) -> SensorDefinition:
    @sensor(
        name="killed_runs",
        minimum_interval_seconds=60,
        default_status=DefaultSensorStatus.RUNNING,
        description="Marks runs as failed that were killed, because a killed run cannot report it.",
    )
    def killed_runs(context: SensorEvaluationContext) -> SkipReason:
        ended = end_dead_runs(context.instance, folder)
        return SkipReason(f"killed: {', '.join(ended)}" if ended else "every started run is alive")

    return killed_runs
