"""What was loaded: a SQLite file that is written after the Parquet that it speaks of.

A crash between the two leaves a Parquet file that the ledger does not know; `forget_lost` and `remove_orphans` bring
them together again, so a row counts once and only once. A ledger that is damaged, or of another version of this file,
is dropped: landing has everything, and is read anew.
"""

import logging
import sqlite3
import zlib
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Self

log = logging.getLogger("reach_results.landing")

_ANEW = "everything in landing is loaded again; rows whose files were overwritten or taken away since are lost"

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


@dataclass(frozen=True)
class SeenFile:
    """A file as it was when it was last read; `delivery_order` was fixed when this content was first seen there.

    `ctime_ns` is when the system last wrote to the file or moved it: a copy may set its `mtime_ns` back, not this.
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

    `rows_forgotten` are those of `rows_dropped` that were of people who are to be forgotten. `money_kept` is a control
    total: the sum of all money columns of the kept rows, whatever their currencies, as it was when they were read.
    `parquet_sha256` and `quarantine_sha256` are of what was written (None where nothing was quarantined;
    an empty one is not known, because a run died while people were taken out).
    `last_seen_order` is the delivery_order of the newest file with this content: a snapshot may return to what it was.
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
    """Use as a context manager; every method that changes something has committed when it returns."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if _is_damaged(path):
            log.warning("%s is damaged: %s", path, _ANEW)
            for file in (path, path.with_name(f"{path.name}-journal")):
                file.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path)
        self._connection.execute("pragma journal_mode = delete")
        self._connection.execute("pragma synchronous = full")
        self._connection.execute("pragma foreign_keys = on")
        self._forget_other_version(path)
        self._connection.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _forget_other_version(self, path: Path) -> None:
        version = zlib.crc32(_SCHEMA.encode()) & 0x7FFFFFFF
        (found,) = self._connection.execute("pragma user_version").fetchone()
        if found != version:
            if self._connection.execute("select 1 from sqlite_master").fetchone():
                log.warning("%s was written by another version of this project: %s", path, _ANEW)
            drops = "".join(
                f"drop table if exists {table}; "
                # `counted` is of an earlier version.
                for table in ("counted", "forgotten", "accepted", "deliveries", "files")
            )
            self._connection.executescript(f"{drops}pragma user_version = {version};")

    def read_files(self) -> dict[str, SeenFile]:
        rows = self._connection.execute(f"select {_names(SeenFile)} from files")
        return {row[0]: SeenFile(*row) for row in rows}

    def read_deliveries(self) -> dict[str, LedgerRow]:
        """By delivery_id, in their order."""
        rows = self._connection.execute(
            f"select {_names(LedgerRow)} from deliveries order by extract, delivery_order, 1"
        )
        return {row[0]: LedgerRow(*row) for row in rows}

    def remember_file(self, file: SeenFile) -> None:
        with self._connection:
            self._insert("files", file)

    def remember_delivery(self, delivery: LedgerRow, file: SeenFile) -> None:
        with self._connection:
            self._insert("files", file)
            self._insert("deliveries", delivery)

    def see_again(self, delivery_id: str, order: str) -> None:
        """Remember that a file of this order has the content of a delivery, too."""
        with self._connection:
            self._connection.execute(
                "update deliveries set last_seen_order = ? where delivery_id = ?",
                (order, delivery_id),
            )

    def recount_delivery(self, delivery: LedgerRow) -> None:
        """Rows have been taken out of a delivery: it stays what it was, accepted or not, with other counts."""
        with self._connection:
            self._connection.execute(
                "update deliveries set rows_kept = ?, rows_dropped = ?, rows_forgotten = ?, money_kept = ?,"
                " parquet_sha256 = ?, quarantine_sha256 = ? where delivery_id = ?",
                (
                    delivery.rows_kept,
                    delivery.rows_dropped,
                    delivery.rows_forgotten,
                    delivery.money_kept,
                    delivery.parquet_sha256,
                    delivery.quarantine_sha256,
                    delivery.delivery_id,
                ),
            )

    def read_forgotten_version(self) -> str | None:
        """Which version of the record of forgotten people everything here was freed of; None for none yet."""
        row = self._connection.execute("select version from forgotten").fetchone()
        return row[0] if row else None

    def remember_forgotten_version(self, version: str) -> None:
        with self._connection:
            self._connection.execute("delete from forgotten")
            self._connection.execute("insert into forgotten values (?)", (version,))

    def forget_deliveries(self, delivery_ids: Collection[str]) -> None:
        with self._connection:
            self._connection.executemany(
                "delete from deliveries where delivery_id = ?", [(delivery_id,) for delivery_id in delivery_ids]
            )

    def accept(self, delivery_ids: Iterable[str]) -> None:
        """Remember that these deliveries kept every critical promise of their suite."""
        with self._connection:
            self._connection.executemany(
                "insert or ignore into accepted values (?)", [(delivery_id,) for delivery_id in delivery_ids]
            )

    def read_unaccepted(self) -> dict[str, list[LedgerRow]]:
        """Deliveries that were not accepted yet, by extract."""
        accepted = {delivery_id for (delivery_id,) in self._connection.execute("select delivery_id from accepted")}
        unaccepted: dict[str, list[LedgerRow]] = {}
        for delivery in self.read_deliveries().values():
            if delivery.delivery_id not in accepted:
                unaccepted.setdefault(delivery.extract, []).append(delivery)
        return unaccepted

    def _insert(self, table: str, row: SeenFile | LedgerRow) -> None:
        values = astuple(row)
        self._connection.execute(
            f"insert or replace into {table} ({_names(type(row))}) values ({', '.join('?' * len(values))})", values
        )


def _is_damaged(path: Path) -> bool:
    """Whether SQLite cannot read the file; one that another process has locked is not ours to judge."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0.1)) as connection:
            return connection.execute("pragma quick_check(1)").fetchone() != ("ok",)
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True


def _names(row: type) -> str:
    return ", ".join(field.name for field in fields(row))
