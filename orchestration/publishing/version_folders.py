"""The kept versions in published/versions/: their names, their order, and their removal."""

import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any


def name_version(made_at: datetime, versions: Path) -> str:
    """The time in UTC; further versions of the same second get a number."""
    name = made_at.strftime("%Y-%m-%dT%H%M%SZ")
    repeats = [int(other[len(name) + 1 :] or 0) for other in list_versions(versions) if other.startswith(name)]
    return f"{name}-{max(repeats) + 1:03}" if repeats else name


def list_versions(versions: Path) -> list[str]:
    """Names of the kept versions, sorted."""
    return sorted(path.name for path in versions.iterdir() if path.is_dir() and not path.name.startswith("."))


def order_versions(versions: Path, latest: Mapping[str, Any]) -> list[str]:
    """The kept versions in the order in which they were published. Not by name, because a clock may be set back."""
    known = [name for name in latest.get("versions", ()) if isinstance(name, str)]
    there = list_versions(versions)
    return [*(name for name in there if name not in known), *(name for name in known if name in there)]


def remove_versions(versions: Path, names: Iterable[str]) -> None:
    for name in names:
        # Renamed first, so that a killed run leaves no incomplete version.
        removed = versions / f".{name}"
        os.replace(versions / name, removed)
        shutil.rmtree(removed)
