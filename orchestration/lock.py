"""One run at a time on a programme."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from orchestration.programme.folder import ProgrammeFolder


class AlreadyRunning(Exception):
    """Another run holds the lock; the message names it."""


@contextmanager
def hold_lock(folder: ProgrammeFolder) -> Iterator[None]:
    """Hold the programme's lock; the system lets go of it when the process ends, however it ends."""
    folder.warehouse.mkdir(parents=True, exist_ok=True)
    with open(folder.warehouse / "run.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            message = f"process {holder} is already at work on {folder.path}; wait for it or stop it"
            raise AlreadyRunning(message) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
