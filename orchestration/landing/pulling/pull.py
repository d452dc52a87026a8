"""One pull of one entry: new rows or objects to landing/pulled/, whole or not at all."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from orchestration.landing.content import hash_file
from orchestration.landing.file_dates import find_date
from orchestration.landing.listing import list_matching_files
from orchestration.landing.pulling.cursors import find_last, start_before, start_on
from orchestration.landing.pulling.results import Pulled, PullFailed
from orchestration.landing.pulling.tables import ParquetSink
from orchestration.programme.atomic import remove_leftovers, replace_whole
from orchestration.programme.connections import FilledConnection, VariableMissing
from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import Programme
from orchestration.programme.sql import quote_path
from orchestration.runtime.connections import connect

log = logging.getLogger("reach_results.pulling")


def pull(
    programme: Programme,
    entry: Entry,
    since: date | None = None,
    environment: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Pulled:
    """Pull what is new at the source of an entry; with `since`, everything from that day on again.

    Only one run at a time may call this. Raises PullFailed, and then nothing of this pull is in landing; OSError if
    landing cannot be written.
    """
    started = time.monotonic()
    assert entry.source is not None
    try:
        connection = programme.settings.connections[entry.source].fill(entry.source, environment)
    except VariableMissing as error:
        raise PullFailed(f"{entry.label}: {error}") from None
    folder = programme.folder.path / entry.pulled_folder
    folder.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder)
    if entry.files is not None:
        from orchestration.landing.pulling.objects import fetch_objects

        pulled = fetch_objects(programme.folder, connection, entry)
    elif entry.api is not None:
        from orchestration.landing.pulling.apis import count_lines, pull_records

        moment, before = stamp(programme.folder, entry, now), list_pulls(programme.folder, entry)
        target = folder / name_file(entry, moment, ".jsonl")
        with open_workspace(programme.folder) as workspace:
            pulled = pull_records(connection, entry, before, since, workspace / "pulled.jsonl")
            warnings = check_rows(entry, pulled.rows or 0, count_lines(before[-1]) if before else None)
            pulled = keep_records(programme.folder, workspace / "pulled.jsonl", target, before, pulled, warnings)
    else:
        pulled = _pull_table(programme, connection, entry, stamp(programme.folder, entry, now), since)
    return Pulled(**{**vars(pulled), "seconds": time.monotonic() - started})


def list_pulls(folder: ProgrammeFolder, entry: Entry) -> list[Path]:
    """What was pulled for the entry as it is now, in the order of the pulls."""
    return [folder.path / file for file in list_matching_files(folder, entry.pattern).files]


def stamp(folder: ProgrammeFolder, entry: Entry, now: datetime | None = None) -> datetime:
    """The time of this pull, to the second, after all earlier ones even if the clock was set back: files are ordered
    by it."""
    current = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    before = list_pulls(folder, entry)
    latest = read_stamp(before[-1]) if before else None
    if latest is not None and latest >= current:
        if latest - current > timedelta(minutes=5):
            log.warning(
                "%s: the newest pull is of %s, which is later than now; was the clock set back? This pull is ordered"
                " after it",
                *(entry.label, f"{latest:%Y-%m-%d %H:%M:%S} UTC"),
            )
        return latest + timedelta(seconds=1)
    return current


def read_stamp(file: Path) -> datetime:
    """When a file was pulled, from its name."""
    found = find_date(file.name)
    if found is None:
        raise PullFailed(f"{file} is not named after its time. Files below landing/pulled/ must keep their names")
    return found.replace(tzinfo=UTC)


def name_file(entry: Entry, moment: datetime, suffix: str) -> str:
    return f"{moment:%Y-%m-%dT%H%M%S}Z-{entry.source_mark}{suffix}"


def _pull_table(
    programme: Programme, connection: FilledConnection, entry: Entry, moment: datetime, since: date | None
) -> Pulled:
    from orchestration.landing.pulling.databases import AtSource, iterate_rows

    folder = programme.folder
    before = list_pulls(folder, entry)
    start = last = None
    if entry.cursor is not None:
        last = find_last(before[-1], entry.cursor, read_stamp(before[-1])) if before else None
        start = start_before(last, entry)
        if since is not None:
            start = start_on(since, last, programme.plan.timezone)
            if start is None and last is not None:
                log.warning("%s: its cursor is a number, so SINCE pulls everything again", entry.label)
    target = folder.path / entry.pulled_folder / name_file(entry, moment, ".parquet")
    with open_workspace(folder) as workspace:
        sink, at_source = ParquetSink(workspace), AtSource()
        for table in iterate_rows(connection, entry, start, at_source):
            sink.write(table)
        finished = workspace / "pulled.parquet"
        rows = sink.finish(finished)
        check_control_total(entry, rows, at_source.rows)
        warnings = check_rows(entry, rows, pq.read_metadata(before[-1]).num_rows if before else None)
        warnings += check_clock(entry, last, at_source.now)
        if before and has_nothing_new(finished, before[-1], entry.cursor is not None, workspace):
            return Pulled((), rows, at_source.rows, 0, _write(start), _write(last), warnings=tuple(warnings))
        size = finished.stat().st_size
        with replace_whole(target) as temporary:
            finished.replace(temporary)
    reached = find_last(target, entry.cursor, moment) if entry.cursor is not None else None
    return Pulled(
        (target.relative_to(folder.path).as_posix(),),
        rows,
        at_source.rows,
        size,
        _write(start),
        _write(reached if reached is not None else last),
        warnings=tuple(warnings),
    )


def keep_records(
    folder: ProgrammeFolder, file: Path, target: Path, before: Sequence[Path], pulled: Pulled, warnings: Sequence[str]
) -> Pulled:
    """Move the records to landing unless the newest pull has the same."""
    if before and (pulled.rows == 0 or hash_file(file) == hash_file(before[-1])) and not warnings:
        return pulled
    size = file.stat().st_size
    with replace_whole(target) as temporary:
        file.replace(temporary)
    found = {"files": (target.relative_to(folder.path).as_posix(),), "bytes": size, "warnings": tuple(warnings)}
    return Pulled(**{**vars(pulled), **found})


def has_nothing_new(file: Path, before: Path, is_partial: bool, workspace: Path) -> bool:
    """Whether the earlier file has all rows of the new one, and, unless they are a part of the source, no others. The
    order of rows does not matter, and another type of a column is new."""
    schema, rows = pq.read_schema(file), pq.read_metadata(file).num_rows
    rows_before = pq.read_metadata(before).num_rows
    if schema != pq.read_schema(before) or rows > rows_before or (rows < rows_before and not is_partial):
        return False
    with connect(file.parent, before.parent, workspace=workspace / "duckdb") as connection:
        new, old = (f"read_parquet({quote_path(one)})" for one in (file, before))
        query = f"select count(*) from (from {new} except all from {old})"
        return connection.execute(query).fetchall() == [(0,)]


def check_control_total(entry: Entry, rows: int, at_source: int | None) -> None:
    """Raises PullFailed if other rows arrived than the database counted in the same transaction."""
    if at_source is not None and rows != at_source:
        raise PullFailed(
            f"{entry.label}: the source counted {at_source:,} rows, but {rows:,} arrived. Nothing was loaded from it. A"
            " query must give the same rows whenever it is asked: is there a random() in it?",
            is_transient=True,
        )


def check_clock(entry: Entry, last: Any, now: datetime | None) -> list[str]:
    """A warning if the clock of the source is behind the newest row that it gave: rows that change until it is right
    are taken to be old, beyond the overlap."""
    if now is None or not isinstance(last, datetime) or last.tzinfo is None or now >= last:
        return []
    return [
        f"{entry.label}: the clock of the source is at {now:%Y-%m-%d %H:%M:%S %Z}, before the newest row that it gave"
        f" ({last:%Y-%m-%d %H:%M:%S %Z}). Rows that change until it is right may be missed: pull them once with"
        f" SINCE={now:%Y-%m-%d} make nightly"
    ]


def check_rows(entry: Entry, rows: int, before: int | None) -> list[str]:
    """Warnings of a source that is empty, or whose whole truth has fewer than half of the rows of the last time.

    Raises PullFailed if the entry says that such a source stops the run.
    """
    if before is None:
        return [] if rows else [f"{entry.label}: the source is empty"]
    if entry.delivery != "snapshot" or rows * 2 >= before:
        return []
    message = f"{entry.label}: the source has {rows:,} rows, and had {before:,} the last time"
    if entry.on_drop == "stop":
        raise PullFailed(f"{message}. Nothing was loaded from it. If that is right, write on_drop: warn for one run")
    return [message]


def _write(value: Any) -> str | None:
    return None if value is None else str(value)


@contextmanager
def open_workspace(folder: ProgrammeFolder) -> Iterator[Path]:
    """A temporary folder on the disk of landing, so that a finished file is renamed and not copied."""
    place = folder.landing / "pulled"
    with TemporaryDirectory(dir=place, prefix=".pull-") as workspace:
        yield Path(workspace)
