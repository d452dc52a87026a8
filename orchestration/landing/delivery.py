"""One file, read by one entry: to raw, to quarantine and into the ledger, in that order."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.landing.content import hash_content, hash_file
from orchestration.landing.forgotten import leave_out
from orchestration.landing.ledger import Ledger, LedgerRow, SeenFile
from orchestration.landing.matching import Match, match_headers, match_nothing
from orchestration.landing.quarantine import find_quarantined_file, write_quarantined
from orchestration.landing.raw_files import describe_columns, describe_source, sum_money, write_kept
from orchestration.landing.readers.kinds import open_records
from orchestration.landing.refusals import FileRefused
from orchestration.programme.atomic import replace_whole
from orchestration.programme.contract import Extract
from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.value_checks import select_problems

FRESH_NS = 10 * 10**9


@dataclass(frozen=True)
class Delivery:
    """A file that was loaded in this run: what was read was kept, quarantined, or dropped by the format's own rules.

    `parquet` is absolute, `ignored_columns` are headers that feed nothing; `ends_open`: the last line has no end.
    """

    extract: str
    file: str
    delivery_id: str
    rows_read: int
    rows_kept: int
    rows_quarantined: int
    rows_dropped: int
    rows_forgotten: int
    parquet: Path
    ignored_columns: tuple[str, ...]
    empty: bool
    ends_open: bool


@dataclass(frozen=True)
class Reading:
    """How files of one entry are read: the entry with what the plan and the contract add to it."""

    entry: Entry
    entry_id: str
    extract: Extract
    timezone: str


def load_delivery(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    ledger: Ledger,
    reading: Reading,
    seen: SeenFile,
    delivery_id: str,
    workspace: Path,
    forgotten: Collection[str] = (),
) -> Delivery:
    """Load the file `seen` as a delivery; raises FileRefused, and then nothing of it is left.

    `workspace` is a folder for temporary files, `forgotten` are people that are left out.
    """
    path, extract, entry = folder.path / seen.path, reading.extract, reading.entry
    how = {"_decimal": entry.decimal, "_date_order": entry.date_order, "_timezone": reading.timezone}
    meta = {
        "_entry": reading.entry_id,
        "_delivery": delivery_id,
        "_delivery_kind": entry.delivery,
        "_delivery_order": seen.delivery_order,
        "_file": seen.path,
        **how,
    }
    records = open_records(path, entry, workspace)
    match = match_headers(extract, entry, records.headers) if records.headers else match_nothing(extract)
    staged_file = workspace / "staged.parquet"
    staged = records.stage(connection, sorted(set(match.positions.values())) or [0], staged_file)
    everybody = describe_source(match, entry.values, staged_file, how)
    source = leave_out(everybody, extract, match.positions, forgotten)
    _find_bad(connection, source, match)

    parquet = folder.raw / extract.name / f"{delivery_id}.parquet"
    quarantined = find_quarantined_file(folder, extract.name, delivery_id)
    with replace_whole(parquet) as temporary:
        kept = write_kept(connection, source, match, entry.values, meta, staged.rejects, temporary)
        if not is_unchanged(path, seen) or (is_fresh(seen) and hash_content(path) != seen.sha256):
            raise FileRefused("is still being written", "It is tried again in the next run")
        parquet_sha256 = hash_file(temporary)
        rejected = write_quarantined(
            connection, source, match, entry.values, staged, seen.path, delivery_id, quarantined, forgotten
        )
    [(left,)] = connection.execute(f"select count(*) from {source}").fetchall()
    read, dropped = staged.rows + len(staged.rejects), staged.rows - left
    forgotten_rows = 0
    if source != everybody:
        [(of_everybody,)] = connection.execute(f"select count(*) from {everybody}").fetchall()
        forgotten_rows = of_everybody - left
    kept_rows = f"{source} where position not in (select position from bad)"
    money = sum_money(connection, kept_rows, extract, describe_columns(match, entry.values))
    if read != kept + rejected + dropped:
        counts = f"{read} records read, but {kept} kept, {rejected} quarantined and {dropped} dropped"
        raise AssertionError(f"{seen.path}: {counts}")
    ledger.remember_delivery(
        LedgerRow(
            delivery_id=delivery_id,
            extract=extract.name,
            entry_id=reading.entry_id,
            file=seen.path,
            sha256=seen.sha256,
            delivery_order=seen.delivery_order,
            delivery_kind=entry.delivery,
            loaded_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",
            rows_read=read,
            rows_kept=kept,
            rows_quarantined=rejected,
            rows_dropped=dropped,
            rows_forgotten=forgotten_rows,
            money_kept=money,
            parquet=parquet.relative_to(folder.raw).as_posix(),
            parquet_sha256=parquet_sha256,
            quarantine_sha256=hash_file(quarantined) if rejected else None,
            last_seen_order=seen.delivery_order,
        ),
        seen,
    )
    return Delivery(
        extract.name,
        seen.path,
        delivery_id,
        read,
        kept,
        rejected,
        dropped,
        forgotten_rows,
        parquet,
        match.ignored,
        read == 0,
        staged.ends_open,
    )


def is_unchanged(path: Path, seen: SeenFile) -> bool:
    """Whether size, time of modification and time of change are still what they were."""
    state = path.stat()
    return (state.st_size, state.st_mtime_ns, state.st_ctime_ns) == (seen.size, seen.mtime_ns, seen.ctime_ns)


def is_fresh(seen: SeenFile) -> bool:
    """Whether the file was changed so shortly ago that a system's clock ticks may hide another change."""
    return abs(time.time_ns() - seen.ctime_ns) < FRESH_NS


def _find_bad(connection: duckdb.DuckDBPyConnection, source: str, match: Match) -> None:
    """Make the table `bad`: one row a problem."""
    columns = "position bigint, column_name varchar, value varchar, reason varchar, what_to_do varchar"
    connection.execute(f"create or replace temp table bad ({columns})")
    problems = select_problems(source, match.fed, "position")
    if problems is not None:
        connection.execute(f"insert into bad {problems}")
