"""Loading one file by one entry: to raw, then to quarantine, then into the ledger."""

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.landing.content import hash_content, hash_file
from orchestration.landing.effects import READ_ALIKE, Effect, Kind
from orchestration.landing.erased_people import exclude_erased
from orchestration.landing.ledger import Ledger, LedgerRow, SeenFile
from orchestration.landing.matching import match_headers
from orchestration.landing.quarantine import find_quarantined_file, write_quarantined
from orchestration.landing.raw_files import sum_money, write_kept
from orchestration.landing.readers.kinds import open_records
from orchestration.landing.reading.problems import find_problems
from orchestration.landing.reading.read import read_values, select_cells
from orchestration.landing.refusals import FileRefused
from orchestration.landing.shared_keys import SharedKeys, find_shared_keys
from orchestration.programme.atomic import replace_whole
from orchestration.programme.contract import Extract
from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder

FRESH_NS = 10 * 10**9


@dataclass(frozen=True)
class Delivery(LedgerRow):
    """A delivery that this run loaded. `path` is its Parquet file, `ignored_columns` are headers that feed no column.

    Every row that was read was kept, quarantined or dropped. `dropped_by_rule` counts rows by the rule that dropped
    them (`keep: source`), `changed_by_rule` values by the rule that changed them on the way to raw (`map: state`).
    `effects` are all that the ledger counts, with these; `shared_keys` has examples of rows that share a key; `entry`
    is what the entry is called.
    """

    path: Path
    ignored_columns: tuple[str, ...]
    lacks_final_newline: bool
    dropped_by_rule: Mapping[str, int] = field(default_factory=dict)
    changed_by_rule: Mapping[str, int] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    shared_keys: SharedKeys = field(default_factory=SharedKeys)
    allow_empty: bool = False
    entry: str = ""

    @property
    def empty(self) -> bool:
        return self.rows_read == 0

    @property
    def unreadable(self) -> bool:
        """Whether the file has rows of which none could be read, and its entry does not allow that."""
        return not self.allow_empty and self.rows_quarantined > 0 and self.rows_kept == 0 and self.rows_forgotten == 0


@dataclass(frozen=True)
class EntryReading:
    """How the files of one entry are read: the entry, completed from the plan and the contract. `timezone` is that of
    times without an offset, `currency` the reporting currency."""

    entry: Entry
    entry_id: str
    extract: Extract
    timezone: str
    currency: str


def load_delivery(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    ledger: Ledger,
    reading: EntryReading,
    seen: SeenFile,
    delivery_id: str,
    workspace: Path,
    erased: Collection[str] = (),
    superseded: Collection[str] = (),
) -> Delivery:
    """Load the file `seen` as one delivery. Raises FileRefused, and then leaves nothing of it.

    `workspace` is a folder for temporary files, `erased` are people whose data is not loaded, `superseded` the
    deliveries that this one replaces as a whole.
    """
    path, extract, entry = folder.path / seen.path, reading.extract, reading.entry
    options = {"_decimal": entry.decimal, "_date_order": entry.date_order, "_timezone": reading.timezone}
    provenance = {
        "_entry": reading.entry_id,
        "_delivery": delivery_id,
        "_delivery_kind": entry.delivery,
        "_delivery_order": seen.delivery_order,
        "_file": seen.path,
        **options,
    }
    records = open_records(path, entry, workspace)
    match = match_headers(extract, entry, records.headers)
    staged_file = workspace / "staged.parquet"
    staged = records.stage(connection, select_cells(entry, match), staged_file)
    reading_of_file = read_values(
        connection, entry, match, staged_file, records.numbers, options, reading.currency, workspace
    )
    everybody = reading_of_file.rows
    source = exclude_erased(everybody, extract, [column.name for column in match.fed], erased)
    find_problems(connection, source, reading_of_file, match)

    parquet = folder.raw / extract.name / f"{delivery_id}.parquet"
    quarantined = find_quarantined_file(folder, extract.name, delivery_id)
    with replace_whole(parquet) as temporary:
        kept = write_kept(connection, source, match, provenance, staged.rejects, temporary)
        if not is_file_unchanged(path, seen) or (is_fresh(seen) and hash_content(path) != seen.sha256):
            raise FileRefused("is still being written", "The next run tries again")
        parquet_sha256 = hash_file(temporary)
        rejected = write_quarantined(connection, source, match, staged, seen.path, delivery_id, quarantined, erased)
    remaining = _count_rows(connection, source)
    read, dropped = staged.rows + len(staged.rejects), staged.rows - remaining
    if read != kept + rejected + dropped:
        counts = f"{read} records read, but {kept} kept, {rejected} quarantined and {dropped} dropped"
        raise AssertionError(f"{seen.path}: {counts}")
    shared = find_shared_keys(connection, parquet, source, match, records, staged, staged_file, workspace)
    counted = [
        *(Effect(Kind.DROPPED, rule, rows) for rule, rows in reading_of_file.dropped_by_rule.items()),
        *(Effect(Kind.CHANGED, rule, rows) for rule, rows in reading_of_file.changed_by_rule.items()),
        Effect(Kind.DUPLICATE, READ_ALIKE if extract.is_list else "", shared.duplicates),
        Effect(Kind.REPLACED, "", shared.replaced),
    ]
    effects = tuple(effect for effect in counted if effect.rows)
    kept_rows = f"{source} where position not in (select position from bad)"
    row = LedgerRow(
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
        rows_forgotten=0 if source == everybody else _count_rows(connection, everybody) - remaining,
        money_kept=sum_money(connection, kept_rows, extract, match.expressions),
        parquet=parquet.relative_to(folder.raw).as_posix(),
        parquet_sha256=parquet_sha256,
        quarantine_sha256=hash_file(quarantined) if rejected else None,
        last_seen_order=seen.delivery_order,
    )
    ledger.record_delivery(row, seen, effects, superseded)
    return Delivery(
        **asdict(row),
        path=parquet,
        ignored_columns=match.ignored,
        lacks_final_newline=staged.lacks_final_newline,
        dropped_by_rule=reading_of_file.dropped_by_rule,
        changed_by_rule=reading_of_file.changed_by_rule,
        effects=effects,
        shared_keys=shared,
        allow_empty=entry.allow_empty,
        entry=entry.label,
    )


def is_file_unchanged(path: Path, seen: SeenFile) -> bool:
    """Whether size, modification time and change time are the same."""
    state = path.stat()
    return (state.st_size, state.st_mtime_ns, state.st_ctime_ns) == (seen.size, seen.mtime_ns, seen.ctime_ns)


def is_fresh(seen: SeenFile) -> bool:
    """Whether the file changed so recently that the file system's clock may hide another change."""
    return abs(time.time_ns() - seen.ctime_ns) < FRESH_NS


def _count_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    [(rows,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(rows)
