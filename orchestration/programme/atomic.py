"""Putting a file in its place whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY_SUFFIX = ".part"


@contextmanager
def replace_whole(target: Path) -> Iterator[Path]:
    """Give a temporary path beside `target` to write; on leaving, sync it and rename it over `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid.uuid4().hex}{TEMPORARY_SUFFIX}")
    try:
        yield temporary
        sync(temporary)
        os.replace(temporary, target)
        sync(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(*folders: Path) -> None:
    """Remove what a run that was killed left half written; to be called by whoever alone writes there."""
    for folder in folders:
        for temporary in folder.glob(f".*{TEMPORARY_SUFFIX}"):
            temporary.unlink()


def sync(path: Path) -> None:
    """Have the system write a file or folder to the disk before anything else happens."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
