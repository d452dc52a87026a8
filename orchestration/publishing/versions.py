"""The versions that are kept in published/versions/: their names, their order, and their removal."""

import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any


def name_version(made_at: datetime, versions: Path) -> str:
    """The time it was made, in UTC, with a number after those of the same second."""
    name = made_at.strftime("%Y-%m-%dT%H%M%SZ")
    repeats = [int(other[len(name) + 1 :] or 0) for other in list_versions(versions) if other.startswith(name)]
    return f"{name}-{max(repeats) + 1:03}" if repeats else name


def list_versions(versions: Path) -> list[str]:
    """Names of the versions that are kept, sorted."""
    return sorted(path.name for path in versions.iterdir() if path.is_dir() and not path.name.startswith("."))


def order_versions(versions: Path, latest: Mapping[str, Any]) -> list[str]:
    """The versions that are kept, in the order in which they were published: a clock may have been set back since."""
    known = [name for name in latest.get("versions", ()) if isinstance(name, str)]
    there = list_versions(versions)
    return [*(name for name in there if name not in known), *(name for name in known if name in there)]


def remove_versions(versions: Path, names: Iterable[str]) -> None:
    for name in names:
        # Renamed first, so that a run that is killed in between leaves no half version.
        removed = versions / f".{name}"
        os.replace(versions / name, removed)
        shutil.rmtree(removed)
