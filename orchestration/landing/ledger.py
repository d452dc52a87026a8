"""The ledger of what was loaded: a SQLite file that is written after the Parquet file of a delivery.

A crash between the two leaves a Parquet file that the ledger does not list. `drop_lost_deliveries` and `remove_orphans`
repair that, so every row counts exactly once. A ledger that is damaged, or of another version of this module, is
dropped and everything in landing is loaded again.
"""

import logging
import sqlite3
import zlib
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Self

from orchestration.landing.effects import LAST_WINS, Effect, Kind

log = logging.getLogger("reach_results.landing")

_RELOADED = "everything in landing is loaded again; rows of files that were overwritten or removed since are lost"

_SCHEMA = """
create table if not exists files (
    path text primary key,
    size integer not null,
    mtime_ns integer not null,
    ctime_ns integer not null,
    sha256 text not null,
    first_seen_at text not null,
    delivery_order text not null
);
create table if not exists deliveries (
    delivery_id text primary key,
    extract text not null,
    entry_id text not null,
    file text not null,
    sha256 text not null,
    delivery_order text not null,
    delivery_kind text not null,
    loaded_at text not null,
    rows_read integer not null,
    rows_kept integer not null,
    rows_quarantined integer not null,
    rows_dropped integer not null,
    rows_forgotten integer not null,
    money_kept text not null,
    parquet text not null,
    parquet_sha256 text not null,
    quarantine_sha256 text,
    last_seen_order text not null
);
create table if not exists accepted (
    delivery_id text primary key references deliveries on delete cascade
);
create table if not exists forgotten (
    version text not null
);
"""

# Not in _SCHEMA, whose text is the version of a ledger: an older ledger gets the table and keeps its deliveries.
_EFFECTS = """
create table if not exists effects (
    delivery_id text not null references deliveries on delete cascade,
    kind text not null,
    rule text not null,
    rows integer not null,
    primary key (delivery_id, kind, rule)
);
"""


@dataclass(frozen=True)
class SeenFile:
    """A file as it was last read; `delivery_order` was set when this content was first seen at this path.

    `ctime_ns` is when the system last wrote or moved the file. A copy can reset `mtime_ns`, but not this.
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    sha256: str
    first_seen_at: str
    delivery_order: str


@dataclass(frozen=True)
class LedgerRow:
    """One delivery: the content of a file, read by an entry. `parquet` is relative to raw, times are UTC.

    `rows_forgotten` is the part of `rows_dropped` that belongs to erased people. `money_kept` is a control total: the
    sum of all money columns of the kept rows, across currencies, as it was when they were read. `parquet_sha256` and
    `quarantine_sha256` are hashes of the files as written: None if nothing was quarantined, empty if a run was killed
    during an erasure. `last_seen_order` is the delivery_order of the newest file with this content, because a snapshot
    can return to an earlier content.
    """

    delivery_id: str
    extract: str
    entry_id: str
    file: str
    sha256: str
    delivery_order: str
    delivery_kind: str
    loaded_at: str
    rows_read: int
    rows_kept: int
    rows_quarantined: int
    rows_dropped: int
    rows_forgotten: int
    money_kept: str
    parquet: str
    parquet_sha256: str
    quarantine_sha256: str | None
    last_seen_order: str


class Ledger:
    """A context manager; every method that changes the ledger commits before it returns."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if _is_damaged(path):
            log.warning("%s is damaged: %s", path, _RELOADED)
            for file in (path, path.with_name(f"{path.name}-journal")):
                file.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path)
        self._connection.execute("pragma journal_mode = delete")
        self._connection.execute("pragma synchronous = full")
        self._connection.execute("pragma foreign_keys = on")
        self._drop_other_version(path)
        self._connection.executescript(_SCHEMA + _EFFECTS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _drop_other_version(self, path: Path) -> None:
        version = zlib.crc32(_SCHEMA.encode()) & 0x7FFFFFFF
        (found,) = self._connection.execute("pragma user_version").fetchone()
        if found != version:
            if self._connection.execute("select 1 from sqlite_master").fetchone():
                log.warning("%s was written by another version of this project: %s", path, _RELOADED)
            # `counted` is a table of an earlier version.
            tables = ("counted", "forgotten", "effects", "accepted", "deliveries", "files")
            drops = "".join(f"drop table if exists {table}; " for table in tables)
            self._connection.executescript(f"{drops}pragma user_version = {version};")

    def read_files(self) -> dict[str, SeenFile]:
        rows = self._connection.execute(f"select {_names(SeenFile)} from files")
        return {row[0]: SeenFile(*row) for row in rows}

    def read_deliveries(self) -> dict[str, LedgerRow]:
        """By delivery_id, in the order of extracts and deliveries."""
        query = f"select {_names(LedgerRow)} from deliveries order by extract, delivery_order, 1"
        rows = self._connection.execute(query)
        return {row[0]: LedgerRow(*row) for row in rows}

    def record_file(self, file: SeenFile) -> None:
        with self._connection:
            self._insert("files", file)

    def record_delivery(
        self, delivery: LedgerRow, file: SeenFile, effects: Iterable[Effect] = (), superseded: Iterable[str] = ()
    ) -> None:
        """Record a delivery and remove those that it supersedes as a whole, both or neither."""
        with self._connection:
            self._insert("files", file)
            self._insert("deliveries", delivery)
            self._connection.execute("delete from effects where delivery_id = ?", (delivery.delivery_id,))
            self._insert_effects(delivery.delivery_id, effects)
            self._delete_deliveries(superseded)

    def add_effects(self, delivery_id: str, effects: Iterable[Effect]) -> None:
        """Record effects that are known only when all files are loaded."""
        with self._connection:
            self._insert_effects(delivery_id, effects)

    def read_effects(self) -> dict[str, tuple[Effect, ...]]:
        """By delivery_id, also of deliveries without any. A delivery of an earlier release has none."""
        found: dict[str, list[Effect]] = {
            delivery_id: [] for (delivery_id,) in self._connection.execute("select delivery_id from deliveries")
        }
        query = "select delivery_id, kind, rule, rows from effects order by delivery_id, kind, rule"
        for delivery_id, kind, rule, rows in self._connection.execute(query):
            found[delivery_id].append(Effect(Kind(kind), rule, rows))
        return {delivery_id: tuple(effects) for delivery_id, effects in found.items()}

    def mark_last_wins(self, entry_ids: Collection[str]) -> None:
        """Record which rows are meant to be replaced: those of the entries that say `duplicates: last` now."""
        marks = ", ".join("?" * len(entry_ids))
        query = (
            "update effects set rule = case when delivery_id in"
            f" (select delivery_id from deliveries where entry_id in ({marks})) then ? else '' end where kind = ?"
        )
        with self._connection:
            self._connection.execute(query, (*entry_ids, LAST_WINS, Kind.REPLACED))

    def update_last_seen(self, delivery_id: str, order: str) -> None:
        """Record the delivery_order of a newer file with the content of a delivery."""
        with self._connection:
            query = "update deliveries set last_seen_order = ? where delivery_id = ?"
            self._connection.execute(query, (order, delivery_id))

    def recount_delivery(self, delivery: LedgerRow) -> None:
        """Update counts and hashes of a delivery after an erasure; whether it was accepted does not change."""
        changed = ("rows_kept", "rows_dropped", "rows_forgotten", "money_kept", "parquet_sha256", "quarantine_sha256")
        assignments = ", ".join(f"{name} = :{name}" for name in changed)
        with self._connection:
            query = f"update deliveries set {assignments} where delivery_id = :delivery_id"
            self._connection.execute(query, asdict(delivery))

    def read_erased_version(self) -> str | None:
        """The version of the erasure record that was last applied to everything in raw; None if there is none."""
        row = self._connection.execute("select version from forgotten").fetchone()
        return row[0] if row else None

    def record_erased_version(self, version: str) -> None:
        with self._connection:
            self._connection.execute("delete from forgotten")
            self._connection.execute("insert into forgotten values (?)", (version,))

    def delete_deliveries(self, delivery_ids: Iterable[str]) -> None:
        with self._connection:
            self._delete_deliveries(delivery_ids)

    def accept(self, delivery_ids: Iterable[str]) -> None:
        """Record that these deliveries passed every critical expectation of their suite."""
        rows = [(delivery_id,) for delivery_id in delivery_ids]
        with self._connection:
            self._connection.executemany("insert or ignore into accepted values (?)", rows)

    def read_unaccepted(self) -> dict[str, list[LedgerRow]]:
        """Deliveries that are not accepted yet, by extract."""
        accepted = {delivery_id for (delivery_id,) in self._connection.execute("select delivery_id from accepted")}
        unaccepted: dict[str, list[LedgerRow]] = {}
        for delivery in self.read_deliveries().values():
            if delivery.delivery_id not in accepted:
                unaccepted.setdefault(delivery.extract, []).append(delivery)
        return unaccepted

    def _delete_deliveries(self, delivery_ids: Iterable[str]) -> None:
        rows = [(delivery_id,) for delivery_id in delivery_ids]
        self._connection.executemany("delete from deliveries where delivery_id = ?", rows)

    def _insert_effects(self, delivery_id: str, effects: Iterable[Effect]) -> None:
        rows = [(delivery_id, effect.kind, effect.rule, effect.rows) for effect in effects]
        self._connection.executemany("insert or replace into effects values (?, ?, ?, ?)", rows)

    def _insert(self, table: str, row: SeenFile | LedgerRow) -> None:
        values = astuple(row)
        self._connection.execute(
            f"insert or replace into {table} ({_names(type(row))}) values ({', '.join('?' * len(values))})", values
        )


def _is_damaged(path: Path) -> bool:
    """Whether SQLite cannot read the file; False for a file that another process has locked."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0.1)) as connection:
            return bool(connection.execute("pragma quick_check(1)").fetchone() != ("ok",))
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True


def _names(row: type) -> str:
    return ", ".join(field.name for field in fields(row))
