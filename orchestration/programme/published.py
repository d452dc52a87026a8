"""What the last run published, read back: latest.json and marts.duckdb."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from orchestration.programme.folder import ProgrammeFolder


def read_latest(folder: ProgrammeFolder) -> dict[str, Any]:
    """The content of latest.json; empty if it is missing or not readable: versions are then ordered by name."""
    try:
        latest = json.loads((folder.published / "latest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return latest if isinstance(latest, dict) else {}


@contextmanager
def open_published(marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the file, or to a copy if a reader has opened it for writing, which locks it.

    Raises duckdb.Error if it cannot be read.
    """
    with TemporaryDirectory() as temporary:
        try:
            connection = duckdb.connect(marts, read_only=True)
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            connection = duckdb.connect(shutil.copy(marts, temporary), read_only=True)
        with connection:
            yield connection
