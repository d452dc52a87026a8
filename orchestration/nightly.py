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

from orchestration.environment import find_as_of, find_folder
from orchestration.instance import prepare_home
from orchestration.lock import AlreadyRunning, hold_lock
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import read_programme
from orchestration.progress import log

LOGS_KEPT = 30


def main(arguments: list[str]) -> int:
    job = "rebuild" if arguments == ["--rebuild"] else "nightly"
    folder = find_folder()
    try:
        find_as_of()
        # Before Dagster is even imported: a mistake in a file is told within a second.
        read_programme(folder.path)
        with hold_lock(folder):
            return run(job, folder)
    except (ProgrammeError, AlreadyRunning, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def run(job: str, folder: ProgrammeFolder) -> int:
    started = time.monotonic()
    with log_to_file(folder) as (file, screen):
        print(f"{folder.path}: {job}", file=screen)
        failures = execute(job, folder)
        if failures:
            print("\nFAILED. What was published last stays as it is.", file=screen)
            for failure in failures:
                print(f"  {failure}", file=screen)
        else:
            from orchestration.summary import summarise

            print(summarise(folder), file=screen)
        print(f"\n{time.monotonic() - started:.0f} s; the whole log: {file}", file=screen)
    return 1 if failures else 0


def execute(job: str, folder: ProgrammeFolder) -> list[str]:
    """Run the job in this process; gives what failed, in words."""
    prepare_home(folder)
    from dagster import DagsterInstance

    from orchestration.definitions import defs
    from orchestration.failures import describe_failures

    with DagsterInstance.get() as instance:
        result = defs.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)
        return [] if result.success else describe_failures(result)


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
