"""Publishes a version: first all files in a hidden folder, then swaps, so that a reader sees the old version whole or
the new one.

Order of the swaps: the version's folder, then marts.duckdb, report.html and marts.xlsx, the pages of docs/, then
latest.json. A run that is killed in between leaves whole files of one version or the other, and the next run publishes
again. Names of what is being made or removed begin with a dot.
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

from orchestration.landing.erased_people import read_erased_people
from orchestration.landing.ledger_tables import count_quarantined
from orchestration.programme.atomic import remove_leftovers, replace_whole, sync
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import read_latest
from orchestration.programme.sql import quote_path
from orchestration.publishing.docs.pages import make_pages
from orchestration.publishing.files import DATABASE, write_files
from orchestration.publishing.marts import Mart
from orchestration.publishing.report.workbook import WORKBOOK
from orchestration.publishing.report.writing import REPORT, write_report
from orchestration.publishing.versions import list_versions, name_version, order_versions, remove_versions
from orchestration.runtime.connections import connect
from orchestration.runtime.run_log import log

UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Version:
    """What was published: rows by mart."""

    name: str
    folder: Path
    rows: dict[str, int]


def publish_version(folder: ProgrammeFolder, marts: Sequence[Mart], keep_versions: int) -> Version:
    """Publish all marts of the warehouse as one version, and keep as many versions as `keep_versions`.

    Raises duckdb.Error if a mart is missing from the warehouse or the disk is full, ReportError if the report cannot be
    made: nothing is swapped in then.
    """
    made_at = datetime.now(UTC)
    versions = folder.versions
    last = read_latest(folder)
    if last.get("made_at", "") > made_at.isoformat(timespec="seconds"):
        log.warning(
            "the clock is at %s, but the last version was published at %s: check which of them was wrong",
            *(made_at.isoformat(timespec="seconds"), last["made_at"]),
        )
    remove_leftovers(folder.published, folder.docs)
    for leftover in versions.glob(".*/"):
        shutil.rmtree(leftover)
    unfinished = versions / UNFINISHED
    unfinished.mkdir(parents=True)
    # Versions from before an erasure are not kept.
    newest = read_erased_people(folder).newest
    kept = [name for name in order_versions(versions, last) if name >= newest]
    rows = write_files(folder, marts, unfinished)
    latest = describe_version(folder, name_version(made_at, versions), made_at, rows)
    # And always the one before: a reader may have read its name in latest.json a moment ago.
    latest["keep_versions"] = keep_versions
    latest["versions"] = [*kept, latest["version"]][-max(keep_versions, 2) :]
    write_report(unfinished / DATABASE, latest, count_by_extract(folder), unfinished)
    pages = make_pages(folder)
    sync_tree(unfinished)

    version = Version(latest["version"], versions / latest["version"], rows)
    os.replace(unfinished, version.folder)
    sync(versions)
    # A copy, not a link: a reader who opens the newest file for writing must not change the version that is kept.
    for name in (DATABASE, REPORT, WORKBOOK):
        with replace_whole(folder.published / name) as temporary:
            shutil.copy(version.folder / name, temporary)
            remove_logs(folder.published / name)
    # Pages describe the project, so they are not kept with each version.
    for name, page in pages.items():
        with replace_whole(folder.docs / name) as temporary:
            temporary.write_text(page, encoding="utf-8")
    with replace_whole(folder.published / "latest.json") as temporary:
        temporary.write_text(json.dumps(latest, indent=1) + "\n", encoding="utf-8")
    remove_versions(versions, set(list_versions(versions)) - set(latest["versions"]))
    return version


def remove_logs(database: Path) -> None:
    """A reader who opened the file for writing and was killed leaves a log beside it, which DuckDB would replay into
    the next version in its place."""
    for foreign in database.parent.glob(f"{database.name}.*wal*"):
        foreign.unlink(missing_ok=True)


def describe_version(folder: ProgrammeFolder, name: str, made_at: datetime, rows: dict[str, int]) -> dict[str, Any]:
    """What latest.json says: which version is the newest, when it was made, and from which plan and deliveries."""
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
        "version": name,
        "programme": plan["programme"],
        "made_at": made_at.isoformat(timespec="seconds"),
        "as_of": plan["as_of"].isoformat(),
        "currency": plan["currency"],
        "attribution_model": plan["attribution_model"],
        "objectives": objectives,
        "marts": f"versions/{name}/{DATABASE}",
        "report": f"versions/{name}/{REPORT}",
        "docs": "docs/index.html",
        "spreadsheet": f"versions/{name}/{WORKBOOK}",
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
