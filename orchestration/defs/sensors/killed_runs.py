"""Marks killed runs as failed: the queue would wait for them, and the UI would show them as running."""

from dagster import DefaultSensorStatus, SensorDefinition, SensorEvaluationContext, SkipReason, sensor

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.liveness import end_killed_runs


def build_killed_runs_sensor(folder: ProgrammeFolder) -> SensorDefinition:
    @sensor(
        name="killed_runs",
        minimum_interval_seconds=60,
        default_status=DefaultSensorStatus.RUNNING,
        description="Marks killed runs as failed, because they cannot report it.",
    )
    def killed_runs(context: SensorEvaluationContext) -> SkipReason:
        ended = end_killed_runs(context.instance, folder)
        return SkipReason(f"killed: {', '.join(ended)}" if ended else "no run was killed")

    return killed_runs
