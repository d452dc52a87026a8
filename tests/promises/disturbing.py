"""Whole runs that are disturbed at a moment of what a night does: killed, or left without a byte of disk."""

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
from tests.promises.whole import find_nights

PATIENCE = 900


@dataclass(frozen=True)
class Before:
    """What the programme and the screen were when the run began."""

    programme: Path
    screen: Path
    nights: int
    times: dict[str, int]

    def says(self, text: str) -> bool:
        return text in self.screen.read_text()

    def is_newer(self, file: str) -> bool:
        return find_time(self.programme, file) > self.times[file]


# The latter is copied there as the build begins.
PLAN, MANIFEST = "warehouse/raw/plan/today.parquet", "warehouse/dbt/manifest.json"

# When a phase begins, and for how many seconds at most it is let go on.
PHASES: dict[str, tuple[Callable[[Before], bool], float]] = {
    "starting": (lambda before: True, 6),
    "plan tables": (lambda before: before.is_newer(PLAN), 0.2),
    "landing": (lambda before: (before.programme / "warehouse/tmp/landing").exists(), 0.5),
    "promises on raw": (lambda before: before.says("raw: checking"), 2),
    "building": (lambda before: before.is_newer(MANIFEST), 10),
    "built": (lambda before: before.says("  dbt: "), 0.1),
    "border": (lambda before: before.says("  dbt: "), 3),
    "promises on marts": (lambda before: before.says("  border: "), 4),
    "making the night": (lambda before: (before.programme / "published/nights/.being-made").exists(), 2),
    "swapping": (lambda before: len(find_nights(before.programme)) > before.nights, 0.05),
    "at the end": (lambda before: before.says("  published night"), 0.5),
}


def find_time(programme: Path, file: str) -> int:
    path = programme / file
    return path.stat().st_mtime_ns if path.exists() else 0


def start_run(programme: Path, screen: Path, *arguments: str, **environment: str) -> tuple[subprocess.Popen, Before]:
    before = Before(
        programme,
        screen,
        len(find_nights(programme)),
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
    return run, before


def wait_for(phase: str, run: subprocess.Popen, before: Before) -> None:
    """Returns when the phase begins or the run ended."""
    begins, _ = PHASES[phase]
    give_up_at = time.monotonic() + PATIENCE
    while run.poll() is None and not begins(before):
        assert time.monotonic() < give_up_at, f"{phase} never begins"
        time.sleep(0.002)


def kill_run(programme: Path, phase: str, seed: random.Random, *arguments: str) -> bool:
    """Begin a run and kill it, and all that it began, in this phase; gives False if it came to its end before that."""
    _, lasts = PHASES[phase]
    waits = seed.uniform(0, lasts)
    screen = programme / "screen.txt"
    run, before = start_run(programme, screen, *arguments)
    wait_for(phase, run, before)
    try:
        run.wait(waits)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
    assert run.wait() in (0, -signal.SIGKILL), screen.read_text()
    return run.returncode != 0


def run_on_a_disk_that_fills_up(programme: Path, phase: str, filler: Path) -> tuple[int, str]:
    """Begin a run and leave no byte free on the disk of `filler` from this phase on; gives its status and its screen.

    The run may need little disk from then on, and come to its end.
    """
    screen = Path(tempfile.mkstemp()[1])
    run, before = start_run(programme, screen, LEAST_FREE_BYTES="0")
    wait_for(phase, run, before)
    with filler.open("wb", buffering=0) as opened:
        while run.poll() is None:
            try:
                opened.write(b"0" * 2**16)
            except OSError:
                time.sleep(0.002)
    filler.unlink()
    said = screen.read_text()
    screen.unlink()
    return run.returncode, said
