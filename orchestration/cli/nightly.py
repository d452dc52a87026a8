"""`make nightly`: the whole job on a programme in one process, without a server; short on the screen, whole in a log.

Exit status 0 means that everything ran, every critical check passed and the night is published.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.migration import migrate, needs_migration
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import read_programme
from orchestration.runtime.alerts.channels import NotSet, read_channels
from orchestration.runtime.alerts.telling import tell
from orchestration.runtime.dagster_home import prepare_home
from orchestration.runtime.disk_space import SCARCE_BYTES, DiskNotUsable, check_disk, describe_shortage
from orchestration.runtime.environment import find_as_of, find_folder
from orchestration.runtime.lock import AlreadyRunning, NoLocks, hold_lock
from orchestration.runtime.run_log import log

LOGS_KEPT = 30


def main(arguments: list[str]) -> int:
    job = "rebuild" if arguments == ["--rebuild"] else "nightly"
    folder = find_folder()
    try:
        find_as_of()
        check_programme(folder)
        with hold_lock(folder, f"make {job}"):
            return run(job, folder)
    except (ProgrammeError, AlreadyRunning, NoLocks, DiskNotUsable, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        tell(folder, job, [str(error)], "it ended before it began")
        return 1
    except Exception as error:
        tell(folder, job, [f"{type(error).__name__}: {error}"], f"the newest log in {folder.warehouse / 'logs'}")
        raise


def check_programme(folder: ProgrammeFolder) -> None:
    """Before Dagster is imported, so that a mistake in a file is reported within a second. Raises ProgrammeError,
    DiskNotUsable, OSError."""
    if needs_migration(folder):
        with hold_lock(folder, "the migration from an earlier release"):
            print(*migrate(folder), sep="\n")
    read_programme(folder.path)
    check_disk(folder)


def run(job: str, folder: ProgrammeFolder) -> int:
    started = time.monotonic()
    with log_to_file(folder) as (file, screen):
        print(f"{folder.path}: {job}", file=screen)
        warn_if_nobody_can_be_told()
        failures = execute(job, folder)
        if failures:
            # An engine that finds no room may call it an I/O error.
            failures += filter(None, [describe_shortage(folder, SCARCE_BYTES)])
            print("\nFAILED. What was published last stays as it is.", file=screen)
            for failure in failures:
                print(f"  {failure}", file=screen)
            tell(folder, job, failures, str(file))
        else:
            from orchestration.cli.summary import summarise

            print(summarise(folder), file=screen)
        print(f"\n{time.monotonic() - started:.0f} s; the whole log: {file}", file=screen)
    return 1 if failures else 0


def execute(job: str, folder: ProgrammeFolder) -> list[str]:
    """Run the job in this process; gives what failed, in words."""
    prepare_home(folder)
    from dagster import DagsterInstance
    from sqlalchemy.exc import SQLAlchemyError

    from orchestration.definitions import defs
    from orchestration.defs.jobs import SENDS_ALERT
    from orchestration.runtime.failures import describe_failures
    from orchestration.runtime.liveness import end_dead_runs, show_life

    run_id = str(uuid4())
    show_life(folder, run_id)
    try:
        with DagsterInstance.get() as instance:
            for dead in end_dead_runs(instance, folder):
                log.warning("run %s was killed before its end; this one takes up from there", dead)
            result = defs.resolve_job_def(job).execute_in_process(
                instance=instance,
                raise_on_error=False,
                tags={SENDS_ALERT: "true", "dagster/max_retries": "0"},
                run_id=run_id,
            )
            return [] if result.success else describe_failures(result.all_events)
    except (OSError, SQLAlchemyError) as error:
        # Dagster cannot write its own history: the disk is full, or what holds it went away.
        return [f"the run broke off: {error}".splitlines()[0]]


def warn_if_nobody_can_be_told() -> None:
    """Long before the night on which it matters."""
    try:
        read_channels()
    except NotSet as problem:
        log.warning("a night that fails will not be told: %s", problem)


@contextmanager
def log_to_file(folder: ProgrammeFolder) -> Iterator[tuple[Path, TextIO]]:
    """Everything that this process and its children print goes to a log file; what users should see goes to the screen,
    which is yielded, too."""
    logs = folder.warehouse / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    file = logs / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{os.getpid()}.log"
    for old in sorted(logs.glob("*.log"))[: -LOGS_KEPT + 1]:
        old.unlink()
    sys.stdout.flush()
    sys.stderr.flush()
    screen = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8", errors="replace")
    saved = os.dup(1), os.dup(2)
    with file.open("w") as opened:
        os.dup2(opened.fileno(), 1)
        os.dup2(opened.fileno(), 2)
    handler = logging.StreamHandler(screen)
    handler.setFormatter(logging.Formatter("  %(message)s"))
    handler.addFilter(is_for_the_screen)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield file, screen
    finally:
        log.removeHandler(handler)
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)
        for descriptor in saved:
            os.close(descriptor)
        screen.close()


def is_for_the_screen(record: logging.LogRecord) -> bool:
    """Each delivery is in the log; the screen shows the sums, and what needs somebody to look at it."""
    return record.name == log.name or record.levelno >= logging.WARNING


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
