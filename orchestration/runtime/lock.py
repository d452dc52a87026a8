"""One run at a time on a programme, whoever starts it.

The system itself lets go of the lock when a process ends, however it ends: the text in the file only says who holds it,
and counts for nothing once nobody does.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder

SECONDS_BETWEEN_TRIES = 0.5
# Whoever has just got a lock writes its name a moment later.
SECONDS_TO_INTRODUCE_ONESELF = 2

_held: set[Path] = set()
"""What this process holds. A lock belongs to an opened file, so a process could wait for itself."""


class AlreadyRunning(Exception):
    """Another run holds the lock; the message names it."""


class NoLocks(Exception):
    """The file system has no locks; the message says what to do."""


@contextmanager
def hold_lock(
    folder: ProgrammeFolder, what: str, patience: float = 0, say: Callable[[str], object] | None = None
) -> Iterator[None]:
    """Hold the programme's lock; a process that holds it already goes on at once.

    `what` is told to those who come second, `patience` is how many seconds to wait for another's end, and `say` hears
    once that we do. Raises AlreadyRunning, NoLocks.
    """
    file = folder.warehouse / "run.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    key = file.parent.resolve() / file.name
    if key in _held:
        yield
        return
    descriptor = wait_for(file, patience, say)
    _held.add(key)
    try:
        introduce(descriptor, what)
        yield
    finally:
        _held.discard(key)
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def wait_for(file: Path, patience: float, say: Callable[[str], object] | None) -> int:
    started = time.monotonic()
    is_said = False
    while (descriptor := try_lock(file)) is None:
        waited = time.monotonic() - started
        holder = read_holder(file)
        if holder is None and waited < SECONDS_TO_INTRODUCE_ONESELF:
            time.sleep(SECONDS_BETWEEN_TRIES / 10)
            continue
        described = f"{holder or 'a run that does not say its name'} is at work on {file.parent.parent}"
        if waited >= patience:
            advice = f"it was waited for {patience:.0f} s" if patience else "wait for it or stop it"
            raise AlreadyRunning(f"{described}; {advice}")
        if say and not is_said:
            say(f"{described}; waiting for it, at most {patience:.0f} s")
            is_said = True
        time.sleep(SECONDS_BETWEEN_TRIES)
    return descriptor


def try_lock(file: Path) -> int | None:
    """The descriptor of the locked file, None if somebody holds it. Closing it lets go. Raises NoLocks."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever deletes the warehouse deletes the file under those who wait for it.
        if os.path.samestat(os.fstat(descriptor), os.stat(file)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError as error:
        os.close(descriptor)
        raise NoLocks(
            f"{file} cannot be locked ({error.strerror}), so nothing keeps two runs apart. Put the programme on a file"
            " system with locks: a local disk, or NFS with its lock service"
        ) from None
    os.close(descriptor)
    return None


def introduce(descriptor: int, what: str) -> None:
    holder = {
        "what": what,
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(holder).encode(), 0)


def read_holder(file: Path) -> str | None:
    """Who holds the lock that somebody holds, in words; None if the text is of one who was killed, or not whole yet."""
    try:
        holder = json.loads(file.read_text(encoding="utf-8"))
        what, process, host, since = (holder[name] for name in ("what", "process", "host", "since"))
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return None
    if host == socket.gethostname() and not is_alive(process):
        return None
    return f"{what} (process {process} on {host}, since {since})"


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
