"""Is there room, and may the run write? Looked at before a night begins, because half a night helps nobody."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryFile

from orchestration.programme.folder import ProgrammeFolder

# A night of a small programme needs a good part of this, a large one more.
SCARCE_BYTES = 100 * 2**20
LEAST_FREE_BYTES = int(os.environ.get("LEAST_FREE_BYTES", SCARCE_BYTES))


class NoRoom(Exception):
    """The run may not write where it has to, or the disk is full; the message names the folder."""


def check_room(folder: ProgrammeFolder) -> None:
    """Raises NoRoom, before anything is written."""
    for place in (folder.path, folder.warehouse, folder.quarantine, folder.published, folder.published / "nights"):
        if place.exists():
            check_writable(place)
    if shortage := describe_shortage(folder, LEAST_FREE_BYTES):
        raise NoRoom(f"{shortage}. Make room (LEAST_FREE_BYTES in the environment says how much is enough)")


def check_writable(place: Path) -> None:
    try:
        with TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise NoRoom(
            f"nothing can be written into {place}: {error.strerror}. See who owns it and whether it is read-only"
        ) from error


def describe_shortage(folder: ProgrammeFolder, enough: int) -> str | None:
    """What to say where fewer bytes than `enough` are free."""
    free = shutil.disk_usage(folder.path).free
    return f"only {free / 2**20:,.1f} MB of disk are free for {folder.path}" if free < enough else None
