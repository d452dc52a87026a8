"""The warehouse: a DuckDB file that dbt builds and nobody but a run ever opens. Readers get published copies."""

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.connections import connect
from orchestration.environment import REPOSITORY
from orchestration.landing.sql import escape_pattern, quote_literal
from orchestration.programme.atomic import sync
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log
from orchestration.publishing.marts import SCHEMAS

DBT_PROJECT = REPOSITORY / "dbt_project"
# The first in which texts are kept as DICT_FSST: a third less work to write than what DuckDB takes by itself, which
# DuckDB 1.0 can still read. Nobody else reads this file.
STORAGE_VERSION = "v1.3.0"


def warehouse_file(folder: ProgrammeFolder) -> Path:
    return folder.warehouse / "warehouse.duckdb"


def make_warehouse(folder: ProgrammeFolder) -> None:
    """An empty file, if there is none: the storage version of a file is that which it was made with."""
    if warehouse_file(folder).exists():
        return
    with connect(folder.warehouse) as connection:
        file, version = quote_literal(warehouse_file(folder)), quote_literal(STORAGE_VERSION)
        connection.execute(f"attach {file} as warehouse (storage_version {version})")


def drop_warehouse(folder: ProgrammeFolder) -> None:
    """Remove the file and its log: another file's log must not be taken for its own."""
    for suffix in ("", ".wal"):
        warehouse_file(folder).with_name(f"warehouse.duckdb{suffix}").unlink(missing_ok=True)


def dbt_environment(folder: ProgrammeFolder) -> Mapping[str, str]:
    """What profiles.yml, register_raw() and the pseudonyms read; makes the key of the pseudonyms on first use."""
    make_pseudonym_key(folder.pseudonym_key_file)
    return {
        "WAREHOUSE_FILE": os.fspath(find_plain_path(folder)),
        "RAW_FOLDER": escape_pattern(folder.raw),
        "PSEUDONYM_KEY_FILE": os.fspath(folder.pseudonym_key_file),
    }


def find_plain_path(folder: ProgrammeFolder) -> Path:
    """The warehouse's path for dbt-duckdb, which reads it as a URL: where a `#` or `?` would cut it, through a link."""
    file = warehouse_file(folder)
    if not set("#?") & set(os.fspath(file)):
        return file
    link = DBT_PROJECT / "target" / "links" / hashlib.sha256(os.fspath(folder.warehouse).encode()).hexdigest()[:16]
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(folder.warehouse)
    return link / file.name


def make_pseudonym_key(file: Path) -> None:
    """A random key that only its owner may read. It stands beside the warehouse, not in it, so that a rebuild gives the
    same pseudonyms. A key that others may read is taken away from them."""
    if file.exists():
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
            log.warning("%s could be read by others than its owner: now it cannot", file)
        return
    # Whole or not at all: a run that is killed here must not leave an empty key.
    aside = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_hex(32))
    sync(aside)
    os.replace(aside, file)
    sync(file.parent)


@contextmanager
def read_warehouse(folder: ProgrammeFolder) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection, closed at the end. Raises duckdb.IOException while dbt is building."""
    with connect(folder.raw, database=warehouse_file(folder), read_only=True) as connection:
        yield connection


def count_rows(folder: ProgrammeFolder) -> Mapping[str, int]:
    """Rows by table or mart as `schema/name`; another view is not counted, because that would read all that it stands
    on."""
    with read_warehouse(folder) as warehouse:
        names = warehouse.execute(
            "select table_schema, table_name from information_schema.tables"
            f" where table_type = 'BASE TABLE' or table_schema in {SCHEMAS}"
        ).fetchall()
        return {
            f"{schema}/{name}": warehouse.execute(f'select count(*) from "{schema}"."{name}"').fetchone()[0]
            for schema, name in names
        }
