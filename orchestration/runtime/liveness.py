"""Which of Dagster's runs are alive. One that is killed has no time to say so, stays "started" for ever, and the UI's
queue would wait for its end."""

import os

from dagster import DagsterInstance

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.lock import try_lock

KILLED = "reach_and_results/killed"
"""Tag of runs that were found dead, so nobody has told of their end."""

_signs: dict[str, int] = {}
"""Open files of runs of this process, never closed: the system does that when the process ends, however it ends."""


def show_life(folder: ProgrammeFolder, run_id: str) -> None:
    """Hold a lock of the run's own until this process ends."""
    if run_id in _signs:
        return
    signs = folder.warehouse / "runs"
    signs.mkdir(parents=True, exist_ok=True)
    aside = signs / f".{run_id}"
    descriptor = try_lock(aside)
    if descriptor is not None:
        # Comes to its place locked: in between, somebody could take it for the sign of a dead run.
        os.replace(aside, signs / run_id)
        _signs[run_id] = descriptor


def end_dead_runs(instance: DagsterInstance, folder: ProgrammeFolder) -> list[str]:
    """Have Dagster know of runs that were killed; gives their ids. A run that never showed life is not judged."""
    ended = []
    for sign in sorted((folder.warehouse / "runs").glob("[!.]*")):
        descriptor = try_lock(sign)
        if descriptor is None:
            continue
        with open(descriptor):
            run = instance.get_run_by_id(sign.name)
            if run and not run.is_finished:
                instance.add_run_tags(run.run_id, {KILLED: "true"})
                instance.report_run_failed(run, "the run was killed; what was published last stays as it is")
                ended.append(run.run_id)
            sign.unlink()
    return ended
