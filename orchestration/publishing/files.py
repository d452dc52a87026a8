"""Writes the marts of a version: one DuckDB file with all of them, and Parquet files, by mart or by month of a mart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name
from orchestration.publishing.marts import Mart
from orchestration.publishing.months import PARTITIONED_ROWS, Month, VersionBefore, write_months
from orchestration.runtime.connections import connect, read_building_memory_limit
from orchestration.warehouse.database import warehouse_file

DATABASE = "marts.duckdb"
# The oldest format with comments on tables and columns: DuckDB 1.0 and later can read it.
STORAGE_VERSION = "v1.0.0"
# Columns of ids gain nothing from a dictionary, and higher levels of zstd gain little. Compared with DuckDB's defaults:
# a third less CPU, and files a third smaller.
PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 1000"
# Rows are sorted, so that equal marts are equal files: the engine's order is not deterministic. Above this number,
# sorting would take as long as writing.
LARGE_ROWS = 100_000


@dataclass(frozen=True)
class Written:
    """By mart: its rows, its Parquet files within the version's folder, and the months of those that are large."""

    rows: dict[str, int]
    parquet: Mapping[str, list[str]]
    months: Mapping[str, Mapping[str, Month]]


def write_files(
    folder: ProgrammeFolder, marts: Sequence[Mart], into: Path, before: VersionBefore | None = None
) -> Written:
    """Write `into`/marts.duckdb, with comments, and the Parquet files; those of large marts by month, with links to the
    files of `before` where a month is unchanged."""
    database, warehouse = into / DATABASE, warehouse_file(folder)
    workspace = warehouse.parent / "tmp" / "publishing"
    rows, parquet, months = {}, {}, {}
    with connect(warehouse.parent, into, workspace=workspace, memory_limit=read_building_memory_limit()) as connection:
        connection.execute(f"attach {quote_literal(warehouse)} as warehouse (read_only)")
        connection.execute(
            f"attach {quote_literal(database)} as published (storage_version {quote_literal(STORAGE_VERSION)})"
        )
        for mart in marts:
            rows[mart.table] = write_table(connection, mart)
            table = f"published.{mart.table}"
            if mart.month_of and rows[mart.table] >= PARTITIONED_ROWS:
                linked = before.folder / mart.months if before else None
                known = before.months.get(mart.table, {}) if before else {}
                found = write_months(connection, table, mart.month_of, PARQUET, into / mart.months, linked, known)
                months[mart.table] = found
                files = [mart.months / file for month in found.values() for file in month.files]
            else:
                files = [mart.parquet]
                (into / mart.parquet).parent.mkdir(exist_ok=True)
                connection.execute(f"copy {table} to {quote_literal(into / mart.parquet)} ({PARQUET})")
            parquet[mart.table] = [file.as_posix() for file in files]
        connection.execute("checkpoint published")
        connection.execute("detach published")
    # Read-only: a client that opens it for writing by mistake gets an error instead of locking others out.
    database.chmod(database.stat().st_mode & ~0o222)
    return Written(rows, parquet, months)


def write_table(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    """Copy a mart from the attached database `warehouse` to the attached `published`; returns its number of rows."""
    [(rows,)] = connection.execute(f"select count(*) from warehouse.{mart.table}").fetchall()
    order = "" if rows >= LARGE_ROWS else "order by all"
    connection.execute(f"create schema if not exists published.{mart.schema}")
    connection.execute(f"create table published.{mart.table} as from warehouse.{mart.table} {order}")
    comment_on(connection, mart)
    return int(rows)


def comment_on(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    table = f"published.{mart.table}"
    comments = [f"comment on table {table} is {quote_literal(mart.description)}"]
    for column, description in mart.columns.items():
        comments.append(f"comment on column {table}.{quote_name(column)} is {quote_literal(description)}")
    # In one transaction: the database is written once for a mart and not for each of its columns.
    connection.execute(f"begin; {'; '.join(comments)}; commit")
