"""DuckDB connections that can access the folders they were opened for and nothing else.

Input may be hostile: a file, a name in it, a value. Our SQL quotes all of them; if a quote is ever missed, injected SQL
has no other files, no network, no extensions and no settings to change.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from orchestration.programme.sql import escape_pattern, quote_literal

# Per connection. DuckDB spills what does not fit to disk, if it has a folder for that. Building
# (dbt_project/profiles.yml) and publishing may use more than reading a delivered file.
MEMORY_LIMIT = "2GB"
BUILDING_MEMORY_LIMIT = "4GB"


def read_building_memory_limit() -> str:
    """MEMORY_LIMIT of the environment, else the default for building and publishing."""
    return os.environ.get("MEMORY_LIMIT", BUILDING_MEMORY_LIMIT)


@contextmanager
def connect(
    *folders: Path,
    database: Path | None = None,
    read_only: bool = False,
    workspace: Path | None = None,
    memory_limit: str | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can only read and write below `folders`, closed at the end; times are in UTC.

    It is in memory unless it opens the file `database`; DuckDB spills to `workspace` beyond `memory_limit` (default:
    MEMORY_LIMIT of the environment, else 2 GB). Raises duckdb.Error if the file cannot be opened.
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
    """Restrict the database to these folders. It cannot be undone, and holds for all connections to the database."""
    [(is_open,)] = connection.execute("select current_setting('enable_external_access')").fetchall()
    if not is_open:
        return
    # DuckDB compares patterns as written and files with links resolved.
    places = [place for folder in folders for place in (folder, folder.resolve())]
    seen = dict.fromkeys(form for place in places for form in (os.fspath(place), escape_pattern(place)))
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute(f"set allowed_directories = [{', '.join(map(quote_literal, seen))}]")
    connection.execute("set enable_external_access = false")


def fetch_dicts(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of an executed query, each as values by column name."""
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
