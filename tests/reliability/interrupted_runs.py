"""Whole runs that are interrupted in a chosen phase: killed, or left without a byte of disk."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import REPOSITORY, TODAY
from tests.reliability.published_state import list_versions

TIMEOUT = 900


@dataclass(frozen=True)
class Start:
    """What the programme was when the run started, and the file that its screen goes to."""

    programme: Path
    screen: Path
    versions: int
    times: dict[str, int]

    def shows(self, text: str) -> bool:
        return text in self.screen.read_text()

    def is_newer(self, file: str) -> bool:
        return find_time(self.programme, file) > self.times[file]


# The latter is copied there as the build starts.
PLAN, MANIFEST = "warehouse/raw/plan/today.parquet", "warehouse/dbt/manifest.json"

# When a phase starts, and for how many seconds at most the run goes on in it.
PHASES: dict[str, tuple[Callable[[Start], bool], float]] = {
    "starting": (lambda start: True, 6),
    "plan tables": (lambda start: start.is_newer(PLAN), 0.2),
    "landing": (lambda start: (start.programme / "warehouse/tmp/landing").exists(), 0.5),
    "checks on raw": (lambda start: start.shows("  raw: running"), 2),
    "building": (lambda start: start.is_newer(MANIFEST), 10),
    "built": (lambda start: start.shows("  dbt: "), 0.1),
    "checks on marts": (lambda start: start.shows("  dbt: "), 3),
    "separation": (lambda start: start.shows("  control totals: "), 4),
    "making the version": (lambda start: (start.programme / "published/versions/.unfinished").exists(), 2),
    "swapping": (lambda start: len(list_versions(start.programme)) > start.versions, 0.05),
    "at the end": (lambda start: start.shows("  published version"), 0.5),
}


def find_time(programme: Path, file: str) -> int:
    path = programme / file
    return path.stat().st_mtime_ns if path.exists() else 0


def start_run(programme: Path, screen: Path, *arguments: str, **environment: str) -> tuple[subprocess.Popen, Start]:
    start = Start(
        programme,
        screen,
        len(list_versions(programme)),
        {file: find_time(programme, file) for file in (PLAN, MANIFEST)},
    )
    with screen.open("w") as opened:
        run = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli.nightly", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "PROGRAMME": str(programme), "AS_OF": TODAY, **environment},
            stdout=opened,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return run, start


def wait_for(phase: str, run: subprocess.Popen, start: Start) -> None:
    """Returns when the phase starts or the run has ended."""
    has_started, _ = PHASES[phase]
    give_up_at = time.monotonic() + TIMEOUT
    while run.poll() is None and not has_started(start):
        assert time.monotonic() < give_up_at, f"{phase} never starts"
        time.sleep(0.002)


def kill_run(programme: Path, phase: str, seed: random.Random, *arguments: str) -> bool:
    """Start a run and kill it, with its child processes, in this phase; gives False if it ended before that."""
    _, seconds = PHASES[phase]
    wait = seed.uniform(0, seconds)
    screen = programme / "screen.txt"
    run, start = start_run(programme, screen, *arguments)
    wait_for(phase, run, start)
    try:
        run.wait(wait)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
    assert run.wait() in (0, -signal.SIGKILL), screen.read_text()
    return run.returncode != 0


def run_while_the_disk_fills_up(programme: Path, phase: str, filler: Path) -> tuple[int, str]:
    """Start a run and leave no byte free on the disk of `filler` from this phase on; gives its status and its screen.

    The run may need little disk from then on, and succeed.
    """
    screen = Path(tempfile.mkstemp()[1])
    run, start = start_run(programme, screen, LEAST_FREE_BYTES="0")
    wait_for(phase, run, start)
    with filler.open("wb", buffering=0) as opened:
        while run.poll() is None:
            try:
                opened.write(b"0" * 2**16)
            except OSError:
                time.sleep(0.002)
    filler.unlink()
    shown = screen.read_text()
    screen.unlink()
    return run.returncode, shown
