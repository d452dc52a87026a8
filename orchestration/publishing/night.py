"""Publishes a night: all marts aside first, then swapped in, so that a reader sees the old night whole or the new one.

Order of the swaps: the night's own folder, then marts.duckdb, report.html and marts.xlsx, then latest.json. A run that
dies in between leaves whole files of one night or the other, and the next run publishes again.
"""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing.ledger_tables import count_quarantined
from orchestration.landing.sql import quote_literal, quote_name, quote_path
from orchestration.programme.atomic import replace_whole, sync
from orchestration.programme.folder import ProgrammeFolder
from orchestration.publishing.marts import Mart
from orchestration.report.writing import REPORT, WORKBOOK, write_report
from orchestration.warehouse import warehouse_file

# The oldest format that DuckDB writes with comments on tables and columns: any reader since 1.0 opens it.
STORAGE_VERSION = "v1.0.0"
DATABASE = "marts.duckdb"
BEING_MADE = ".being-made"


@dataclass(frozen=True)
class Night:
    """What was published: rows by mart."""

    name: str
    folder: Path
    rows: dict[str, int]


def publish_night(folder: ProgrammeFolder, marts: Sequence[Mart]) -> Night:
    """Publish all marts of the warehouse as one night and keep as many nights as the plan says.

    Raises duckdb.Error if a mart is missing from the warehouse or the disk is full, ReportError if the report cannot be
    made: nothing is swapped in then.
    """
    made_at = datetime.now(UTC)
    nights = folder.published / "nights"
    aside = nights / BEING_MADE
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    rows = write_marts(warehouse_file(folder), marts, aside)
    latest = describe_night(folder, name_night(made_at, nights), made_at, rows)
    write_report(aside / DATABASE, latest, count_by_extract(folder), aside)
    sync_tree(aside)

    night = Night(latest["night"], nights / latest["night"], rows)
    os.replace(aside, night.folder)
    sync(nights)
    # A copy, not a link: a reader who opens the newest file for writing must not change the night that is kept.
    for name in (DATABASE, REPORT, WORKBOOK):
        with replace_whole(folder.published / name) as temporary:
            shutil.copyfile(night.folder / name, temporary)
    with replace_whole(folder.published / "latest.json") as temporary:
        temporary.write_text(json.dumps(latest, indent=1) + "\n", encoding="utf-8")
    for old in sorted(nights.iterdir())[: -latest["keeps_nights"]]:
        shutil.rmtree(old)
    return night


def write_marts(warehouse: Path, marts: Sequence[Mart], into: Path) -> dict[str, int]:
    """Copy the marts into `into`/marts.duckdb, with comments, and one Parquet file a mart; rows by mart.

    Rows are sorted by all columns, so that the same marts are the same files whatever order the engine worked in.
    """
    rows = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {quote_literal(warehouse)} as warehouse (read_only)")
        connection.execute(
            f"attach {quote_literal(into / DATABASE)} as published (storage_version {quote_literal(STORAGE_VERSION)})"
        )
        for mart in marts:
            connection.execute(f"create schema if not exists published.{mart.schema}")
            table = f"published.{mart.schema}.{mart.name}"
            connection.execute(f"create table {table} as from warehouse.{mart.schema}.{mart.name} order by all")
            connection.execute(f"comment on table {table} is {quote_literal(mart.description)}")
            for column, description in mart.columns.items():
                connection.execute(f"comment on column {table}.{quote_name(column)} is {quote_literal(description)}")
            (into / mart.schema).mkdir(exist_ok=True)
            file = into / mart.schema / f"{mart.name}.parquet"
            [(rows[mart.table],)] = connection.execute(
                f"copy {table} to {quote_literal(file)} (format parquet, compression zstd)"
            ).fetchall()
        connection.execute("checkpoint published")
        connection.execute("detach published")
    return rows


def describe_night(folder: ProgrammeFolder, name: str, made_at: datetime, rows: dict[str, int]) -> dict[str, Any]:
    """What latest.json says: which night is the newest, when it was made, and from which plan and deliveries."""
    with duckdb.connect() as connection:
        [plan] = read_rows(
            connection,
            "select programme, as_of, currency, attribution_model, keep_nights"
            f" from {parquet(folder.raw / 'plan' / 'settings.parquet')}",
        )
        objectives = read_rows(
            connection,
            "select objective_id, statement, owner"
            f" from {parquet(folder.raw / 'plan' / 'objectives.parquet')} order by position",
        )
        deliveries = read_rows(
            connection,
            "select extract, file, delivery_id, delivery_order[:10] as delivered_on, rows_read, rows_kept,"
            " rows_quarantined"
            f" from {parquet(folder.raw / 'ledger' / 'deliveries.parquet')} order by delivery_order, extract, file",
        )
    return {
        "night": name,
        "programme": plan["programme"],
        "made_at": made_at.isoformat(timespec="seconds"),
        "as_of": plan["as_of"].isoformat(),
        "currency": plan["currency"],
        "attribution_model": plan["attribution_model"],
        "objectives": objectives,
        "marts": f"nights/{name}/{DATABASE}",
        "report": f"nights/{name}/{REPORT}",
        "spreadsheet": f"nights/{name}/{WORKBOOK}",
        "keeps_nights": plan["keep_nights"],
        "rows": rows,
        "deliveries": deliveries,
    }


def count_by_extract(folder: ProgrammeFolder) -> dict[str, int]:
    """Rows that are still to be corrected."""
    counts: dict[str, int] = defaultdict(int)
    with duckdb.connect() as connection:
        for (extract, _), count in count_quarantined(connection, folder).items():
            counts[extract] += count
    return dict(counts)


def read_rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def parquet(file: Path) -> str:
    return f"read_parquet({quote_path(file)})"


def name_night(made_at: datetime, nights: Path) -> str:
    """The moment it was made, in UTC; sorts by time, also when two are made within one second."""
    name = made_at.strftime("%Y-%m-%dT%H%M%SZ")
    repeats = [night.name for night in nights.iterdir() if night.name.startswith(name)]
    return f"{name}-{len(repeats)}" if repeats else name


def sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
