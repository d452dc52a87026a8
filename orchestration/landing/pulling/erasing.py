"""Erasure of people from what was pulled: unlike other files of landing, these were written by us.

In a row that names an erased person, the columns that identify or describe that person become empty, and so do columns
and parts of JSON that no entry reads: they may say anything about the person. A row that cannot be without the person
is removed. Objects and files are kept as the source has them; `make forget` lists those that still name somebody.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow.parquet as pq

from orchestration.landing.delivery import EntryReading
from orchestration.landing.erased_people import exclude_erased
from orchestration.landing.ledger import Ledger
from orchestration.landing.matching import Match, match_headers
from orchestration.landing.readers.kinds import open_records
from orchestration.landing.readers.records import Records
from orchestration.landing.reading.read import read_values, select_cells
from orchestration.programme.atomic import replace_whole
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.sql import quote_literal, quote_name, quote_path
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

    The ledger forgets it first, so that a killed run leaves nothing that counts twice. Raises FileRefused for a file
    that cannot be read.
    """
    seen = ledger.read_files()
    for file in files:
        with TemporaryDirectory(dir=workspace) as place:
            path = folder.path / file
            records = open_records(path, reading.entry, Path(place))
            changed = _find_changes(connection, reading, records, people, Path(place))
            if changed is None:
                continue
            if file in seen:
                loaded = [
                    row.delivery_id for row in ledger.read_deliveries().values() if row.sha256 == seen[file].sha256
                ]
                ledger.delete_deliveries(loaded)
            match = match_headers(reading.extract, reading.entry, records.headers)
            feeds, structures = _list_feeds(match), _list_structures(match)
            if path.suffix == ".parquet":
                rows = _rewrite_parquet(connection, path, feeds, structures, changed, reading.entry.cursor)
            else:
                rows = _rewrite_lines(connection, path, feeds, structures, changed, records)
            log.info("%s ← %s: people were erased from %s rows", reading.entry.label, file, f"{rows:,}")


def _find_changes(
    connection: duckdb.DuckDBPyConnection,
    reading: EntryReading,
    records: Records,
    people: Collection[str],
    workspace: Path,
) -> list[str] | None:
    """Creates the table `changed` of the rows that name somebody: position, `_is_dropped`, and for each column that
    becomes empty whether it does. Returns these columns; None if there are no such rows."""
    # Rows that the entry's rules leave out name people, too.
    extract, entry = reading.extract, reading.entry.model_copy(update={"keep": {}, "drop": {}})
    if extract.format is not None:
        extract = replace(extract, format=replace(extract.format, drops=()))
    if not records.headers:
        return None
    match = match_headers(extract, entry, records.headers)
    staged = workspace / "staged.parquet"
    records.stage(connection, select_cells(entry, match), staged)
    options = {"_decimal": entry.decimal, "_date_order": entry.date_order, "_timezone": reading.timezone}
    values = read_values(connection, entry, match, staged, records.numbers, options, reading.currency, workspace)
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
    return personal if connection.execute("from changed limit 1").fetchone() else None


def _list_feeds(match: Match) -> dict[int, list[str]]:
    """The columns that the header at a position feeds, by position; headers that make a column feed it, too."""
    feeds: dict[int, list[str]] = {}
    for name, position in match.positions.items():
        feeds.setdefault(position, []).append(name)
    for name, headers in match.made.items():
        for header in headers:
            feeds.setdefault(match.positions_by_header[header.strip()], []).append(name)
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


def _rewrite_parquet(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    feeds: Mapping[int, list[str]],
    structures: Mapping[int, Any],
    personal: list[str],
    cursor: str | None,
) -> int:
    columns = []
    for position, header in enumerate(pq.read_schema(path).names):
        name = quote_name(header)
        emptied = [f"changed.{quote_name(one)}" for one in feeds.get(position, ()) if one in personal]
        if position in structures:
            kept = f"case when changed.position is not null then {_express_pruned(name, structures[position])}"
            columns.append(f"{kept} else pulled.{name} end as {name}")
        elif emptied:
            columns.append(f"case when {' or '.join(emptied)} then null else pulled.{name} end as {name}")
        elif position in feeds or header == cursor:
            columns.append(f"pulled.{name}")
        else:
            columns.append(f"case when changed.position is not null then null else pulled.{name} end as {name}")
    query = f"""
        select {", ".join(columns)}
        from read_parquet({quote_path(path)}, file_row_number = true) as pulled
        left join changed on pulled.file_row_number = changed.position
        where not coalesce(changed._is_dropped, false)
        order by pulled.file_row_number
    """
    with replace_whole(path) as temporary:
        connection.execute(f"copy ({query}) to {quote_literal(temporary)} (format parquet, compression zstd)")
    [(rows,)] = connection.execute("select count(*) from changed").fetchall()
    return int(rows)


def _express_pruned(name: str, structure: Any) -> str:
    """SQL for what stays of a column in JSON."""
    if not structure:
        return "null"
    kept = f"to_json(json_transform(pulled.{name}, {quote_literal(json.dumps(structure))}))::varchar"
    return f"(case when json_valid(pulled.{name}) then {kept} end)"


def _prune(value: Any, structure: Any) -> Any:
    """What stays of a value in JSON."""
    if isinstance(structure, list):
        return [_prune(one, structure[0]) for one in value] if isinstance(value, list) else None
    if isinstance(structure, dict):
        return {key: _prune(value.get(key), one) for key, one in structure.items()} if isinstance(value, dict) else None
    return value


def _rewrite_lines(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    feeds: Mapping[int, list[str]],
    structures: Mapping[int, Any],
    personal: list[str],
    records: Records,
) -> int:
    import simplejson  # comes with dlt, which wrote the file

    emptied = ", ".join(quote_name(name) for name in personal)
    found = connection.execute(f"select position, _is_dropped, {emptied} from changed order by position").fetchall()
    staged = getattr(records, "lines", None) or ()
    by_line = {staged[position]: (is_dropped, flags) for position, is_dropped, *flags in found}
    with (
        replace_whole(path) as temporary,
        path.open(encoding="utf-8") as source,
        temporary.open("w", encoding="utf-8") as sink,
    ):
        for number, line in enumerate(source, start=1):
            is_dropped, flags = by_line.get(number, (False, None))
            if flags is None:
                sink.write(line)
            elif not is_dropped:
                gone = {name for name, flag in zip(personal, flags, strict=True) if flag}
                kept = [records.headers[position] for position, names in feeds.items() if not gone & set(names)]
                record = _pick(json.loads(line, parse_float=Decimal), kept)
                for position, structure in structures.items():
                    name = records.headers[position]
                    record |= {name: _prune(record[name], structure)} if name in record else {}
                sink.write(simplejson.dumps(record, use_decimal=True, ensure_ascii=False) + "\n")
    return len(found)


def _pick(record: Any, paths: Collection[str]) -> dict[str, Any]:
    """Of a record, the values at these paths (`a.b`)."""
    picked: dict[str, Any] = {}
    for path in paths:
        parts, value, place = path.split("."), record, picked
        for part in parts:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, dict):
            continue
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return picked
