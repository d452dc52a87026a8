"""Which of Dagster's runs are alive. A killed run cannot report its end: without this module it would stay "started"
forever, and the queue of the UI would wait for it.

Each run holds a lock on a file of its own (warehouse/runs/<run id>). The operating system releases the lock when the
process ends, for whatever reason; a file without a lock belongs to a killed or finished run.
"""

import os

from dagster import DagsterInstance

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.lock import try_lock

KILLED = "reach_and_results/killed"
"""Tag of runs that were found killed, so that no alert about them was sent yet."""

_locks: dict[str, int] = {}
"""Descriptors of the locked files of this process by run id, never closed: the operating system does that."""


def hold_liveness_lock(folder: ProgrammeFolder, run_id: str) -> None:
    """Lock the run's file until this process ends."""
    if run_id in _locks:
        return
    runs = folder.warehouse / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    hidden = runs / f".{run_id}"
    descriptor = try_lock(hidden)
    if descriptor is not None:
        # Renamed once locked: an unlocked file would look like that of a killed run.
        os.replace(hidden, runs / run_id)
        _locks[run_id] = descriptor


def end_killed_runs(instance: DagsterInstance, folder: ProgrammeFolder) -> list[str]:
    """Mark killed runs as failed in Dagster; returns their ids. Runs that never held a liveness lock are ignored."""
    ended = []
    for file in sorted((folder.warehouse / "runs").glob("[!.]*")):
        descriptor = try_lock(file)
        if descriptor is None:
            continue
        with open(descriptor):
            run = instance.get_run_by_id(file.name)
            if run and not run.is_finished:
                instance.add_run_tags(run.run_id, {KILLED: "true"})
                instance.report_run_failed(run, "the run was killed; the last published version is unchanged")
                ended.append(run.run_id)
            file.unlink()
    return ended
