"""The nights that are kept in published/nights/: their names, their order, and their end."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.programme.folder import ProgrammeFolder


def read_latest(folder: ProgrammeFolder) -> dict[str, Any]:
    """What latest.json says; nothing where there is none, or none that can be read: the order of the nights is then
    that of their names."""
    try:
        latest = json.loads((folder.published / "latest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return latest if isinstance(latest, dict) else {}


def name_night(made_at: datetime, nights: Path) -> str:
    """The moment it was made, in UTC, with a number after those of the same second."""
    name = made_at.strftime("%Y-%m-%dT%H%M%SZ")
    repeats = [int(night[len(name) + 1 :] or 0) for night in list_nights(nights) if night.startswith(name)]
    return f"{name}-{max(repeats) + 1:03}" if repeats else name


def list_nights(nights: Path) -> list[str]:
    """Names of the nights that are kept, sorted."""
    return sorted(path.name for path in nights.iterdir() if path.is_dir() and not path.name.startswith("."))


def order_nights(nights: Path, last: Mapping[str, Any]) -> list[str]:
    """The nights that are kept, in the order in which they were published: a clock may have been set back since."""
    known = [name for name in last.get("nights", ()) if isinstance(name, str)]
    there = list_nights(nights)
    return [*(name for name in there if name not in known), *(name for name in known if name in there)]


def remove_nights(nights: Path, names: Iterable[str]) -> None:
    for name in names:
        # Renamed first, so that a run that dies in between leaves no half night.
        gone = nights / f".{name}"
        os.replace(nights / name, gone)
        shutil.rmtree(gone)
