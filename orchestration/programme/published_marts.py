"""The published marts as we read them ourselves, whatever other readers do to them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb


@contextmanager
def open_published(marts: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection. Where somebody has opened the file for writing, which locks it, to a copy.

    Raises duckdb.Error if it cannot be read.
    """
    with TemporaryDirectory() as aside:
        try:
            connection = duckdb.connect(marts, read_only=True)
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            connection = duckdb.connect(shutil.copy(marts, aside), read_only=True)
        with connection:
            yield connection
