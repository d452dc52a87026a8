"""Erasure of people from what was pulled: unlike other files of landing, these were written by us.

In a row that names an erased person, the columns that identify or describe that person become empty, and so do columns
and parts of JSON that no entry reads: they may say anything about the person. A row that cannot be without the person
is removed. Every other row stays as it is, byte by byte in a text. Workbooks are kept as the source has them; `make
forget` lists those that still name somebody.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from orchestration.landing.delivery import EntryReading
from orchestration.landing.erased_people import exclude_erased
from orchestration.landing.ledger import Ledger
from orchestration.landing.matching import Match, match_headers
from orchestration.landing.pulling.rewriting import Changes, rewrite
from orchestration.landing.readers.kinds import open_records
from orchestration.landing.readers.records import Records
from orchestration.landing.reading.read import read_values, select_cells
from orchestration.landing.refusals import FileRefused
from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_name
from orchestration.runtime.run_log import log


def erase_from_pulls(
    connection: duckdb.DuckDBPyConnection,
    folder: ProgrammeFolder,
    ledger: Ledger,
    reading: EntryReading,
    files: Iterable[str],
    people: Collection[str],
    workspace: Path,
) -> None:
    """Erase people from pulled files; what was loaded from a file that changes is loaded again.

    The ledger forgets it first, so that a killed run leaves nothing that counts twice. A file that cannot be read, or
    of which a row cannot be found again, is left as it is and warned of.
    """
    seen = ledger.read_files()
    for file in files:
        with TemporaryDirectory(dir=workspace) as place:
            path = folder.path / file
            try:
                erased = _erase(connection, reading, path, people, Path(place))
            except FileRefused as refused:
                log.warning("%s ← %s: nobody was erased from it: it %s", reading.entry.label, file, refused)
                continue
            if erased is None:
                continue
            if file in seen:
                loaded = [
                    row.delivery_id for row in ledger.read_deliveries().values() if row.sha256 == seen[file].sha256
                ]
                ledger.delete_deliveries(loaded)
            changed, rows = erased
            # Deliveries are ordered by the time of the object.
            os.utime(changed, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
            with replace_whole(path) as temporary:
                shutil.move(changed, temporary)
            log.info("%s ← %s: people were erased from %s rows", reading.entry.label, file, f"{rows:,}")


def _erase(
    connection: duckdb.DuckDBPyConnection, reading: EntryReading, path: Path, people: Collection[str], workspace: Path
) -> tuple[Path, int] | None:
    """A copy of the file without people, and how many rows differ; None if none does. Raises FileRefused."""
    records = open_records(path, reading.entry, workspace)
    changes = _find_changes(connection, reading, records, people, workspace)
    if changes is None:
        return None
    target = workspace / path.name
    rewrite(connection, path, target, reading.entry, records, changes)
    written = open_records(target, reading.entry, workspace)
    rest = _find_changes(connection, reading, written, people, workspace)
    if rest is not None:
        raise FileRefused("has rows that cannot be told apart", "Correct it at the source, and delete it here")
    return target, changes.rows


def _find_changes(
    connection: duckdb.DuckDBPyConnection,
    reading: EntryReading,
    records: Records,
    people: Collection[str],
    workspace: Path,
) -> Changes | None:
    """The rows that name somebody; None if there are no such rows."""
    # Rows that the entry's rules leave out name people, too.
    extract, entry = reading.extract, reading.entry.model_copy(update={"keep": {}, "drop": {}})
    if extract.format is not None:
        extract = replace(extract, format=replace(extract.format, drops=()))
    if not records.headers:
        return None
    match = match_headers(extract, entry, records.headers)
    staged = records.stage(connection, select_cells(entry, match), workspace / "staged.parquet")
    options = {"_decimal": entry.decimal, "_date_order": entry.date_order, "_timezone": reading.timezone}
    values = read_values(
        connection, entry, match, workspace / "staged.parquet", records.numbers, options, reading.currency, workspace
    )
    fed = [column.name for column in match.fed]
    without = exclude_erased(values.rows, extract, fed, people)
    if without == values.rows:
        return None
    personal = [name for name in fed if name in extract.personal_columns]
    flags = [
        f"(kept.{quote_name(n)} is null and every.{quote_name(n)} is not null) as {quote_name(n)}" for n in personal
    ]
    connection.execute(f"""
        create or replace temp table changed as
        select every.position, kept.position is null as _is_dropped, {", ".join(flags)}
        from {values.rows} as every
        left join {without} as kept on every.position = kept.position
        where kept.position is null or {" or ".join(flag.rpartition(" as ")[0] for flag in flags)}
    """)
    [(rows,)] = connection.execute("select count(*) from changed").fetchall()
    if not rows:
        return None
    # The rules of the entry itself: a row without the header of a rule would count, or not, for another reason.
    match = match_headers(reading.extract, reading.entry, records.headers)
    return Changes(rows, personal, _list_feeds(match), _list_structures(match), staged)


def _list_feeds(match: Match) -> dict[int, list[str]]:
    """The columns that the header at a position feeds, by position; headers that make a column feed it, too. A header
    that only a rule of the entry reads feeds none."""
    feeds: dict[int, list[str]] = {}
    for name, position in match.positions.items():
        feeds.setdefault(position, []).append(name)
    for name, headers in match.made.items():
        for header in headers:
            feeds.setdefault(match.positions_by_header[header.strip()], []).append(name)
    for position in match.positions_by_header.values():
        feeds.setdefault(position, [])
    return feeds


def _list_structures(match: Match) -> dict[int, Any]:
    """Of columns in JSON, by position: what is read of them and is no personal data, as objects and lists of names."""
    structures: dict[int, Any] = {}
    for name, position in match.positions.items():
        column = match.extract.find_column(name)
        if column.keeps:
            structures[position] = json.loads(column.keeps)
        elif path := match.paths.get(name):
            place = structures.setdefault(position, {})
            if name not in match.extract.personal_columns:
                for part in path[:-1]:
                    place = place.setdefault(part, {})
                place[path[-1]] = "VARCHAR"
    return structures
