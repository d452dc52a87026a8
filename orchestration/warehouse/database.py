"""The DuckDB file that dbt builds. Only a run opens it; readers get published copies."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.landing.pseudonym_key import make_pseudonym_key
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import DBT_PROJECT
from orchestration.programme.sql import escape_pattern, quote_literal
from orchestration.runtime.connections import connect

# The first version that stores texts as DICT_FSST, which needs a third less CPU to write than DuckDB's default. That
# DuckDB 1.0 cannot read it does not matter: nobody else opens this file.
STORAGE_VERSION = "v1.3.0"


def warehouse_file(folder: ProgrammeFolder) -> Path:
    return folder.warehouse / "warehouse.duckdb"


def make_warehouse(folder: ProgrammeFolder) -> None:
    """Create an empty file if there is none: dbt would create it with DuckDB's default storage version."""
    if warehouse_file(folder).exists():
        return
    with connect(folder.warehouse) as connection:
        file, version = quote_literal(warehouse_file(folder)), quote_literal(STORAGE_VERSION)
        connection.execute(f"attach {file} as warehouse (storage_version {version})")


def drop_warehouse(folder: ProgrammeFolder) -> None:
    """Remove the file and its write-ahead log, which DuckDB would replay into the next file."""
    for suffix in ("", ".wal"):
        warehouse_file(folder).with_name(f"warehouse.duckdb{suffix}").unlink(missing_ok=True)


def dbt_environment(folder: ProgrammeFolder) -> Mapping[str, str]:
    """Variables for profiles.yml, register_raw() and the pseudonyms. Creates the pseudonym key on first use."""
    make_pseudonym_key(folder.pseudonym_key_file)
    return {
        "WAREHOUSE_FILE": os.fspath(find_plain_path(folder)),
        "RAW_FOLDER": escape_pattern(folder.raw),
        "PSEUDONYM_KEY_FILE": os.fspath(folder.pseudonym_key_file),
    }


def find_plain_path(folder: ProgrammeFolder) -> Path:
    """The warehouse's path for dbt-duckdb, which parses it as a URL: a link if the path contains `#` or `?`."""
    file = warehouse_file(folder)
    if not set("#?") & set(os.fspath(file)):
        return file
    link = DBT_PROJECT / "target" / "links" / hashlib.sha256(os.fspath(folder.warehouse).encode()).hexdigest()[:16]
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(folder.warehouse)
    return link / file.name


@contextmanager
def read_warehouse(folder: ProgrammeFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection, closed at the end. Raises duckdb.IOException while dbt is building."""
    with connect(folder.raw, database=warehouse_file(folder), read_only=True) as connection:
        yield connection
