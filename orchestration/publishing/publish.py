"""Publishes a version: writes all files to a hidden folder, then swaps them in atomically, so that a reader sees either
the old or the new version of a file.

Order of the swaps: the version's folder, then marts.duckdb, report.html and marts.xlsx, the pages of docs/, then
latest.json. If the run is killed in between, every file is complete, and the next run publishes again. Names of files
and folders that are being written or removed begin with a dot.
"""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.landing.erased_people import read_erased_people
from orchestration.landing.ledger_tables import count_quarantined
from orchestration.programme.atomic import remove_leftovers, replace_whole, sync
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import read_latest
from orchestration.programme.sql import quote_path
from orchestration.publishing.changes import describe_changes
from orchestration.publishing.docs.pages import make_pages
from orchestration.publishing.files import DATABASE, write_files
from orchestration.publishing.marts import Mart
from orchestration.publishing.months import VersionBefore, describe_months
from orchestration.publishing.report.workbook import WORKBOOK
from orchestration.publishing.report.writing import REPORT, write_report
from orchestration.publishing.restated_months import Restatement, find_restated_months
from orchestration.publishing.version_folders import list_versions, name_version, order_versions, remove_versions
from orchestration.runtime.connections import connect, fetch_dicts
from orchestration.runtime.run_log import log
from orchestration.warehouse.fingerprint import digest, read_project

UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Version:
    """A published version; `rows` by mart, `restated` are the closed months that it changes."""

    name: str
    folder: Path
    rows: dict[str, int]
    restated: Restatement


def publish_version(
    folder: ProgrammeFolder, marts: Sequence[Mart], keep_versions: int, engine: str = "duckdb"
) -> Version:
    """Publish all marts of the warehouse as one version, and remove all but the last `keep_versions` (at least 2).
    `engine` is what built them.

    Raises duckdb.Error if a mart is missing from the warehouse or the disk is full, ReportError if the report cannot be
    written; then the published files are unchanged.
    """
    made_at = datetime.now(UTC)
    versions = folder.versions
    last = read_latest(folder)
    if last.get("made_at", "") > made_at.isoformat(timespec="seconds"):
        log.warning(
            "the clock shows %s, but the last version was published at %s: check the clock",
            *(made_at.isoformat(timespec="seconds"), last["made_at"]),
        )
    remove_leftovers(folder.published, folder.docs)
    for leftover in versions.glob(".*/"):
        shutil.rmtree(leftover)
    unfinished = versions / UNFINISHED
    unfinished.mkdir(parents=True)
    # Versions from before the latest erasure are removed.
    newest = read_erased_people(folder).newest
    kept = [name for name in order_versions(versions, last) if name >= newest]
    previous = versions / last["version"] if last.get("version") in kept else None
    written = write_files(
        folder, marts, unfinished, VersionBefore(previous, last.get("months", {})) if previous else None
    )
    latest = describe_version(folder, name_version(made_at, versions), made_at, written.rows)
    latest["parquet"] = {
        mart: [f"versions/{latest['version']}/{file}" for file in files] for mart, files in written.parquet.items()
    }
    latest["months"] = describe_months(written.months)
    latest["keys"] = {mart.table: mart.key for mart in marts if mart.key}
    latest["not_null"] = {mart.table: mart.not_null for mart in marts if mart.not_null}
    restated = find_restated_months(folder, last, latest, unfinished / DATABASE)
    latest["restated"] = asdict(restated)
    # The previous version always stays: a reader may just have read its name in latest.json.
    latest["keep_versions"] = keep_versions
    latest["engine"] = engine
    latest["versions"] = [*kept, latest["version"]][-max(keep_versions, 2) :]
    changes = describe_changes(previous / DATABASE, unfinished / DATABASE, latest["currency"]) if previous else None
    write_report(unfinished / DATABASE, latest, count_by_extract(folder), unfinished, changes)
    pages = make_pages(folder)
    sync_tree(unfinished)

    version = Version(latest["version"], versions / latest["version"], written.rows, restated)
    os.replace(unfinished, version.folder)
    sync(versions)
    # A copy, not a link: a reader who opens the newest file for writing must not change the kept version.
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
    """A client that opened the file for writing and was killed leaves a write-ahead log, which DuckDB would replay into
    the next version."""
    for foreign in database.parent.glob(f"{database.name}.*wal*"):
        foreign.unlink(missing_ok=True)


def describe_version(folder: ProgrammeFolder, name: str, made_at: datetime, rows: dict[str, int]) -> dict[str, Any]:
    """The content of latest.json: name of the newest version, when it was made, and from which plan and deliveries."""
    with connect(folder.raw) as connection:
        plan, options, objectives, deliveries = (
            fetch_dicts(connection.execute(query))
            for query in (
                f"from {read_parquet(folder, 'plan/settings')}, {read_parquet(folder, 'plan/today')}",
                select_options(folder),
                "select objective_id, statement, owner"
                f" from {read_parquet(folder, 'plan/objectives')} order by position",
                "select extract, file, delivery_id, delivery_order[:10] as delivered_on, rows_read, rows_kept,"
                f" rows_quarantined from {read_parquet(folder, 'ledger/deliveries')}"
                " order by delivery_order, extract, file",
            )
        )
    return {
        "version": name,
        "programme": plan[0]["programme"],
        "made_at": made_at.isoformat(timespec="seconds"),
        "as_of": plan[0]["as_of"].isoformat(),
        "currency": plan[0]["currency"],
        "attribution_model": plan[0]["attribution_model"],
        "objectives": objectives,
        "plan": options[0],
        "project": digest(read_project()),
        "marts": f"versions/{name}/{DATABASE}",
        "report": f"versions/{name}/{REPORT}",
        "docs": "docs/index.html",
        "spreadsheet": f"versions/{name}/{WORKBOOK}",
        "rows": rows,
        "deliveries": deliveries,
    }


def select_options(folder: ProgrammeFolder) -> str:
    """SQL for one row of the options of plan.yml that figures of a month depend on; of `aliases` only a hash, because
    the list may be long and names people."""
    settings, rates, statuses, ranks, aliases = (
        read_parquet(folder, f"plan/{table}")
        for table in ("settings", "exchange_rates", "excluded_statuses", "evidence_order", "aliases")
    )
    return f"""
        select
            * exclude (programme),
            (select list(currency || ' ' || rate order by currency) from {rates}) as exchange_rates,
            (select coalesce(list(status order by status), []) from {statuses}) as excluded_statuses,
            (select list(evidence order by rank) from {ranks}) as evidence_order,
            (
                select sha256(coalesce(string_agg(alias || ' ' || partner_id, ';' order by alias), '')) from {aliases}
            ) as aliases
        from {settings}
    """


def count_by_extract(folder: ProgrammeFolder) -> dict[str, int]:
    """Quarantined rows that are not corrected yet, by extract."""
    counts: dict[str, int] = defaultdict(int)
    with connect(folder.raw) as connection:
        for (extract, _), count in count_quarantined(connection, folder).items():
            counts[extract] += count
    return dict(counts)


def read_parquet(folder: ProgrammeFolder, table: str) -> str:
    """SQL for a table that the run wrote to raw, such as `plan/today`."""
    return f"read_parquet({quote_path(folder.raw / f'{table}.parquet')})"


def sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
