"""The programme lock: one run at a time on a programme, whoever starts it.

The operating system releases the lock when a process ends, for whatever reason. The text in the file only names the
holder, and is ignored when nobody holds the lock.
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
# A new holder writes its name shortly after it gets the lock.
SECONDS_TO_WRITE_HOLDER = 2

_held: set[Path] = set()
"""Locks of this process. A lock belongs to an open file, so without this a process could wait for itself."""


class AlreadyRunning(Exception):
    """Another run holds the lock; the message names it."""


class NoLocks(Exception):
    """The file system does not support locks; the message explains what to do."""


@contextmanager
def hold_lock(
    folder: ProgrammeFolder, holder: str, timeout: float = 0, on_wait: Callable[[str], object] | None = None
) -> Iterator[None]:
    """Hold the programme's lock; nested calls in one process are allowed.

    `holder` is the name that other processes see, `timeout` how many seconds to wait for another run, and `on_wait` is
    called once with a message if this call has to wait. Raises AlreadyRunning, NoLocks.
    """
    file = folder.warehouse / "run.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    key = file.parent.resolve() / file.name
    if key in _held:
        yield
        return
    descriptor = wait_for_lock(file, timeout, on_wait)
    _held.add(key)
    try:
        write_holder(descriptor, holder)
        yield
    finally:
        _held.discard(key)
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def wait_for_lock(file: Path, timeout: float, on_wait: Callable[[str], object] | None) -> int:
    started = time.monotonic()
    is_reported = False
    while (descriptor := try_lock(file)) is None:
        waited = time.monotonic() - started
        holder = read_holder(file)
        if holder is None and waited < SECONDS_TO_WRITE_HOLDER:
            time.sleep(SECONDS_BETWEEN_TRIES / 10)
            continue
        described = f"{holder or 'another run'} is running on {file.parent.parent}"
        if waited >= timeout:
            advice = f"waited {timeout:.0f} s for it" if timeout else "wait until it has finished, or stop it"
            raise AlreadyRunning(f"{described}; {advice}")
        if on_wait and not is_reported:
            on_wait(f"{described}; waiting up to {timeout:.0f} s")
            is_reported = True
        time.sleep(SECONDS_BETWEEN_TRIES)
    return descriptor


def try_lock(file: Path) -> int | None:
    """The descriptor of the locked file, None if another process holds the lock. Closing it releases the lock. Raises
    NoLocks."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever deletes the warehouse folder deletes the file while others wait for it.
        if os.path.samestat(os.fstat(descriptor), os.stat(file)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError as error:
        os.close(descriptor)
        raise NoLocks(
            f"{file} cannot be locked ({error.strerror}), so two runs could write at once. Put the programme on a file"
            " system that supports locks: a local disk, or NFS with its lock service"
        ) from None
    os.close(descriptor)
    return None


def write_holder(descriptor: int, holder: str) -> None:
    text = {
        "holder": holder,
        "process": os.getpid(),
        "host": socket.gethostname(),
        "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(text).encode(), 0)


def read_holder(file: Path) -> str | None:
    """A description of who holds the lock; None if the text is incomplete or that of a killed process."""
    try:
        text = json.loads(file.read_text(encoding="utf-8"))
        holder, process, host, since = (text[name] for name in ("holder", "process", "host", "since"))
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return None
    if host == socket.gethostname() and not is_alive(process):
        return None
    return f"{holder} (process {process} on {host}, since {since})"


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
