"""Checks before a run starts: is there enough disk space, and are the folders writable?"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryFile

from orchestration.programme.folder import ProgrammeFolder

# A small programme needs most of this, a large one more.
SCARCE_BYTES = 100 * 2**20


class DiskNotUsable(Exception):
    """A folder is not writable or the disk is full; the message names the folder."""


def check_disk(folder: ProgrammeFolder) -> None:
    """Raises DiskNotUsable, before anything is written."""
    for place in (folder.path, folder.warehouse, folder.quarantine, folder.published, folder.versions):
        if place.exists():
            check_writable(place)
    if shortage := describe_shortage(folder, int(os.environ.get("LEAST_FREE_BYTES", SCARCE_BYTES))):
        raise DiskNotUsable(f"{shortage}. Free some space (or set LEAST_FREE_BYTES in the environment)")


def check_writable(place: Path) -> None:
    try:
        with TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise DiskNotUsable(
            f"{place} is not writable: {error.strerror}. Check its owner and whether it is read-only"
        ) from error


def describe_shortage(folder: ProgrammeFolder, enough: int) -> str | None:
    """A message if fewer than `enough` bytes are free, else None."""
    free = shutil.disk_usage(folder.path).free
    return f"only {free / 2**20:,.1f} MB of disk space are free for {folder.path}" if free < enough else None


def describe_shortage_for(folder: ProgrammeFolder, place: Path) -> str | None:
    """A message if the disk has no room for five more files like the newest of `place`, else None."""
    files = [file for file in place.rglob("*") if file.is_file()] if place.is_dir() else []
    if not files:
        return None
    newest = max(files, key=lambda file: file.stat().st_mtime_ns).stat().st_size
    held = sum(file.stat().st_size for file in files)
    shortage = describe_shortage(folder, 5 * newest + SCARCE_BYTES)
    return shortage and f"{shortage}, and {place} has {held / 2**20:,.1f} MB. A lower keep_pulls keeps fewer snapshots"
