"""Publishes a night: all marts aside first, then swapped in, so that a reader sees the old night whole or the new one.

Order of the swaps: the night's own folder, then marts.duckdb, report.html and marts.xlsx, the pages of docs/, then
latest.json. A run that dies in between leaves whole files of one night or the other, and the next run publishes again.
What is being made or removed has a name that begins with a dot.
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

from orchestration.connections import connect
from orchestration.docs.pages import make_pages
from orchestration.landing.forgotten import read_forgotten
from orchestration.landing.ledger_tables import count_quarantined
from orchestration.landing.sql import quote_path
from orchestration.programme.atomic import remove_leftovers, replace_whole, sync
from orchestration.programme.folder import ProgrammeFolder
from orchestration.progress import log
from orchestration.publishing.files import DATABASE, find_last, remember_published, write_files
from orchestration.publishing.marts import Mart
from orchestration.publishing.nights import list_nights, name_night, order_nights, read_latest, remove_nights
from orchestration.report.workbook import WORKBOOK, fingerprint_workbook
from orchestration.report.writing import REPORT, write_report

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
    last = read_latest(folder)
    if last.get("made_at", "") > made_at.isoformat(timespec="seconds"):
        log.warning(
            "the clock says %s, but the last night was published at %s: see which of them was wrong",
            *(made_at.isoformat(timespec="seconds"), last["made_at"]),
        )
    remove_leftovers(folder.published, folder.docs)
    for leftover in nights.glob(".*/"):
        shutil.rmtree(leftover)
    aside = nights / BEING_MADE
    aside.mkdir(parents=True)
    # What was made before somebody was forgotten is not kept.
    newest = read_forgotten(folder).newest
    kept = [name for name in order_nights(nights, last) if name >= newest]
    takes_from = find_last(folder, marts, last) if last.get("night") in kept else None
    rows = write_files(folder, marts, aside, takes_from)
    latest = describe_night(folder, name_night(made_at, nights), made_at, rows)
    # And always the one before: somebody may have read its name in latest.json a moment ago.
    latest["nights"] = [*kept, latest["night"]][-max(latest["keeps_nights"], 2) :]
    sheets = fingerprint_workbook(latest["attribution_model"])
    workbook = takes_from.find_workbook(sheets) if takes_from else None
    write_report(aside / DATABASE, latest, count_by_extract(folder), aside, workbook)
    pages = make_pages(folder)
    sync_tree(aside)

    night = Night(latest["night"], nights / latest["night"], rows)
    os.replace(aside, night.folder)
    sync(nights)
    # A copy, not a link: a reader who opens the newest file for writing must not change the night that is kept.
    for name in (DATABASE, REPORT, WORKBOOK):
        with replace_whole(folder.published / name) as temporary:
            shutil.copy(night.folder / name, temporary)
            forget_foreign_changes(folder.published / name)
    # Of the project rather than of the night, so not kept with each.
    for name, page in pages.items():
        with replace_whole(folder.docs / name) as temporary:
            temporary.write_text(page, encoding="utf-8")
    with replace_whole(folder.published / "latest.json") as temporary:
        temporary.write_text(json.dumps(latest, indent=1) + "\n", encoding="utf-8")
    remove_nights(nights, set(list_nights(nights)) - set(latest["nights"]))
    remember_published(folder, marts, night.folder, takes_from, sheets)
    return night


def forget_foreign_changes(database: Path) -> None:
    """A reader who opened the file for writing and was killed leaves a log beside it, which whoever opens the next
    night in its place would be shown as a part of that."""
    for foreign in database.parent.glob(f"{database.name}.*wal*"):
        foreign.unlink(missing_ok=True)


def describe_night(folder: ProgrammeFolder, name: str, made_at: datetime, rows: dict[str, int]) -> dict[str, Any]:
    """What latest.json says: which night is the newest, when it was made, and from which plan and deliveries."""
    with connect(folder.raw) as connection:
        [plan] = read_rows(
            connection,
            f"select * from {parquet(folder.raw / 'plan' / 'settings.parquet')},"
            f" {parquet(folder.raw / 'plan' / 'today.parquet')}",
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
        "docs": "docs/index.html",
        "spreadsheet": f"nights/{name}/{WORKBOOK}",
        "keeps_nights": plan["keep_nights"],
        "rows": rows,
        "deliveries": deliveries,
    }


def count_by_extract(folder: ProgrammeFolder) -> dict[str, int]:
    """Rows that are still to be corrected."""
    counts: dict[str, int] = defaultdict(int)
    with connect(folder.raw) as connection:
        for (extract, _), count in count_quarantined(connection, folder).items():
            counts[extract] += count
    return dict(counts)


def read_rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def parquet(file: Path) -> str:
    return f"read_parquet({quote_path(file)})"


def sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
