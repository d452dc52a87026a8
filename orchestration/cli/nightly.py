"""`make nightly` and `make rebuild`: a whole run on a programme in one process, without a server. A summary goes to the
screen, everything to a log file.

Exit status 0 means that every step ran, every critical check passed and the version is published.
"""

import logging
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from orchestration.cli.progress import ProgressLine
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.migration import migrate, needs_migration
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import read_programme
from orchestration.programme.published import read_latest
from orchestration.runtime.alerts.channels import ChannelMisconfigured, read_channels
from orchestration.runtime.alerts.sending import send_alert
from orchestration.runtime.dagster_home import HistoryNotUsable, keep_history_open, prepare_home
from orchestration.runtime.disk_space import SCARCE_BYTES, DiskNotUsable, check_disk, describe_shortage
from orchestration.runtime.environment import find_as_of, find_folder, find_since
from orchestration.runtime.garbage import collect_less_often
from orchestration.runtime.lock import AlreadyRunning, NoLocks, hold_lock
from orchestration.runtime.run_log import log

LOGS_KEPT = 30


def main(arguments: list[str]) -> int:
    parser = ArgumentParser(prog="make nightly", description="Runs the nightly job on the programme in PROGRAMME.")
    parser.add_argument("--rebuild", action="store_true", help="remove what was derived from landing/ first")
    job = "rebuild" if parser.parse_args(arguments).rebuild else "nightly"
    collect_less_often()
    folder = find_folder()
    try:
        find_as_of()
        find_since()
        check_programme(folder)
        with hold_lock(folder, f"make {job}"):
            return run(job, folder)
    except (ProgrammeError, AlreadyRunning, NoLocks, DiskNotUsable, HistoryNotUsable, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        send_alert(folder, job, [str(error)], "it ended before its first step")
        return 1
    except Exception as error:
        send_alert(folder, job, [f"{type(error).__name__}: {error}"], f"the newest log in {folder.warehouse / 'logs'}")
        raise


def check_programme(folder: ProgrammeFolder) -> None:
    """Checks that need no Dagster, whose import takes seconds: a mistake in a file is reported at once. Raises
    ProgrammeError, DiskNotUsable, OSError."""
    if needs_migration(folder):
        with hold_lock(folder, "the migration from an earlier release"):
            print(*migrate(folder), sep="\n")
    read_programme(folder.path)
    check_disk(folder)


def run(job: str, folder: ProgrammeFolder) -> int:
    started = time.monotonic()
    with log_to_file(folder) as (file, screen):
        print(f"{folder.path}: {job}", file=screen)
        warn_if_alerts_are_misconfigured()
        before = read_latest(folder).get("version")
        with show_progress(screen) as progress:
            failures = execute(job, folder, progress)
        version = read_latest(folder).get("version")
        if version != before or not failures:
            from orchestration.cli.summary import summarise

            print(summarise(folder), file=screen)
        if failures:
            # An engine may report a full disk as an I/O error.
            failures += filter(None, [describe_shortage(folder, SCARCE_BYTES)])
            unchanged = "The last published version is unchanged." if version else "Nothing is published yet."
            print("\nFAILED.", f"Version {version} is published." if version != before else unchanged, file=screen)
            for failure in failures:
                print(f"  {failure}", file=screen)
            send_alert(folder, job, failures, str(file))
        print(f"\n{time.monotonic() - started:.0f} s; log: {file}", file=screen)
    return 1 if failures else 0


@contextmanager
def show_progress(screen: TextIO) -> Iterator[ProgressLine]:
    """The line's drawing and what is logged meanwhile do not mix."""
    with ProgressLine(screen) as progress:
        landing = logging.getLogger("reach_results.landing")
        handlers = [handler for handler in log.handlers if isinstance(handler, logging.StreamHandler)]
        for handler in handlers:
            handler.setStream(progress)
        landing.addFilter(progress.follow_file)
        yield progress
        landing.removeFilter(progress.follow_file)
        for handler in handlers:
            handler.setStream(screen)


def execute(job: str, folder: ProgrammeFolder, progress: ProgressLine) -> list[str]:
    """Run the job in this process; returns a message for each failure."""
    prepare_home(folder)
    from dagster import DagsterInstance
    from sqlalchemy.exc import SQLAlchemyError

    from orchestration.definitions import defs
    from orchestration.defs.jobs import SENDS_ALERT
    from orchestration.runtime.failures import describe_failures
    from orchestration.runtime.liveness import end_killed_runs, hold_liveness_lock

    run_id = str(uuid4())
    hold_liveness_lock(folder, run_id)
    try:
        with DagsterInstance.get() as instance, keep_history_open(folder, run_id):
            for killed in end_killed_runs(instance, folder):
                log.warning("run %s was killed; this run replaces it", killed)
            instance.add_event_listener(run_id, progress.follow)
            result = defs.resolve_job_def(job).execute_in_process(
                instance=instance,
                raise_on_error=False,
                tags={SENDS_ALERT: "true", "dagster/max_retries": "0"},
                run_id=run_id,
            )
            return [] if result.success else describe_failures(result.all_events)
    except (OSError, SQLAlchemyError) as error:
        # Dagster cannot write its history: the disk is full or gone.
        return [f"the run stopped: {error}".splitlines()[0]]


def warn_if_alerts_are_misconfigured() -> None:
    """In every run, so that it is noticed before the first alert."""
    try:
        read_channels()
    except ChannelMisconfigured as problem:
        log.warning("no alert can be sent if a run fails: %s", problem)


@contextmanager
def log_to_file(folder: ProgrammeFolder) -> Iterator[tuple[Path, TextIO]]:
    """Redirect what this process and its children print to a log file; yields the file, and the screen for the user."""
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
    """The screen shows our own messages and all warnings; everything else is only in the log."""
    return record.name == log.name or record.levelno >= logging.WARNING


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
