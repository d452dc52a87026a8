"""CPU seconds, wall time and peak memory of a command, its children included (Linux)."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLING_INTERVAL = 0.2  # seconds between measurements of memory, at least
# Of a core, at most: the kernel walks through all pages of a process, which takes a sixth of a second for Spark's 5 GB.
SAMPLING_SHARE = 0.05


@dataclass(frozen=True)
class Cost:
    """`cpu` and `wall` in seconds; `memory` in bytes is the most that all processes had resident together in two
    samples in a row; a page that several share counts once (the kernel's Pss). One sample may count a Java process
    several times: until a command that it starts is loaded, that command has all of its memory."""

    cpu: float
    wall: float
    memory: int


class CommandFailed(Exception):
    """The message ends with the last lines of what the command printed."""


def run(command: Sequence[str], log: Path, **environment: str) -> Cost:
    """Run the command with its output in `log`. Raises CommandFailed."""
    started = time.monotonic()
    before = os.times()
    with log.open("w") as opened:
        process = subprocess.Popen(
            command,
            stdout=opened,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        memory = before_that = 0
        pause = SAMPLING_INTERVAL
        while not has_ended(process, pause):
            asked = time.monotonic()
            now = measure_memory(process.pid)
            pause = max(SAMPLING_INTERVAL, (time.monotonic() - asked) / SAMPLING_SHARE)
            memory = max(memory, min(before_that, now))
            before_that = now
    after = os.times()
    if process.returncode:
        raise CommandFailed(f"{' '.join(command)}\n" + "\n".join(log.read_text().splitlines()[-15:]))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(cpu, time.monotonic() - started, memory)


def has_ended(process: subprocess.Popen, within: float) -> bool:
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def measure_memory(session: int) -> int:
    """Resident bytes of all processes of a session."""
    return sum(read_resident(entry) for entry in Path("/proc").iterdir() if is_of_session(entry, session))


def is_of_session(process: Path, session: int) -> bool:
    try:
        return process.name.isdigit() and os.getsid(int(process.name)) == session
    except OSError:
        return False  # it has ended


def read_resident(process: Path) -> int:
    try:
        [line] = [line for line in (process / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:")]
        return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return 0  # it has ended
