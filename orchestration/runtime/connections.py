"""Connections to DuckDB that see the folders they were opened for and nothing else.

What is read may be hostile: a file that somebody else wrote, a name in it, a value. Our SQL quotes all of them; should
a quote ever be missed, what got in finds no file, no network, no extension to load and no setting to change.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.programme.sql import escape_pattern, quote_literal

# Of one connection: what does not fit is sorted and grouped on disk, where DuckDB was given a folder for that. Building
# (dbt_project/profiles.yml) and publishing may take more than reading a file that somebody else wrote.
MEMORY_LIMIT = "2GB"
BUILDING_MEMORY_LIMIT = "4GB"


def read_building_memory_limit() -> str:
    """What MEMORY_LIMIT of the environment says, else the limit for building and publishing."""
    return os.environ.get("MEMORY_LIMIT", BUILDING_MEMORY_LIMIT)


@contextmanager
def connect(
    *folders: Path,
    database: Path | None = None,
    read_only: bool = False,
    workspace: Path | None = None,
    memory_limit: str | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads and writes in `folders` (and below them) alone, closed at the end; times are in UTC.

    It is in memory unless it opens the file `database`; `workspace` takes what does not fit into `memory_limit`, which
    is MEMORY_LIMIT of the environment or 2 GB unless given. Raises
    duckdb.Error if the file cannot be opened.
    """
    with duckdb.connect(database or ":memory:", read_only=read_only) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        limit = memory_limit or os.environ.get("MEMORY_LIMIT", MEMORY_LIMIT)
        connection.execute(f"set memory_limit = {quote_literal(limit)}")
        if workspace is not None:
            connection.execute(f"set temp_directory = {quote_literal(workspace)}")
        seal(connection, *folders, *([workspace] if workspace else []))
        connection.execute("set lock_configuration = true")
        yield connection


def seal(connection: duckdb.DuckDBPyConnection, *folders: Path) -> None:
    """Shut the connection's database off from everything but these folders; for good, and for all its connections."""
    if not connection.execute("select current_setting('enable_external_access')").fetchone()[0]:
        return
    # DuckDB compares patterns as they are written and files as they are found, behind any link.
    places = [place for folder in folders for place in (folder, folder.resolve())]
    seen = dict.fromkeys(form for place in places for form in (os.fspath(place), escape_pattern(place)))
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute(f"set allowed_directories = [{', '.join(map(quote_literal, seen))}]")
    connection.execute("set enable_external_access = false")
