"""Copies of pulled files in which cells are empty and rows are missing, and all else is as it was.

Rows of texts that do not change are the same byte by byte. What changes is in the table `changed`: the position of a
row among those that were read, `_is_dropped`, and for each personal column whether it becomes empty.
"""

import gzip
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

import duckdb
import pyarrow.parquet as pq

from orchestration.landing.content import is_gzipped, open_content
from orchestration.landing.readers.records import Records, Staged
from orchestration.landing.readers.text import find_encoding, open_text
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry
from orchestration.programme.sql import quote_literal, quote_name, quote_path

_WORKBOOKS = (".xlsx", ".xls")
_REMEDY = "Correct it at the source, and delete it here: the next run fetches what is there then"


@dataclass(frozen=True)
class Changes:
    """`rows` change; `personal` are the columns that become empty; `feeds` are the columns that the header at a
    position feeds: one that is not there is read by nobody. `structures` say, by position, what stays of a column in
    JSON, as objects and lists of names. `staged` finds the rows in the file."""

    rows: int
    personal: Sequence[str]
    feeds: Mapping[int, Sequence[str]]
    structures: Mapping[int, Any]
    staged: Staged


# By line (texts) or number (JSON) of a record: None if it goes, else the positions of the headers that stay.
_Kept = dict[int, frozenset[int] | None]


def rewrite(
    connection: duckdb.DuckDBPyConnection, path: Path, target: Path, entry: Entry, records: Records, changes: Changes
) -> None:
    """Write the copy. Raises FileRefused for a kind of file that cannot be written, and where a row is not found."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if suffix in _WORKBOOKS:
        raise FileRefused("is a workbook, which is not changed here", _REMEDY)
    if suffix == ".parquet":
        _rewrite_parquet(connection, path, target, changes, entry.cursor)
        return
    kept = _find_kept(connection, changes, len(records.headers))
    structures = {records.headers[position]: structure for position, structure in changes.structures.items()}
    encoding = find_encoding(path, entry.encoding)
    with open_text(path, encoding) as source, closing(_create(path, target, encoding)) as sink:
        if suffix == ".json":
            sink.writelines(_rewrite_json(source.read(), kept, records.headers, structures))
        elif suffix in (".jsonl", ".ndjson"):
            for number, line in enumerate(source, start=1):
                is_kept = number not in kept
                sink.write(line if is_kept else _rewrite_object(line, kept[number], records.headers, structures))
        else:
            delimiter = entry.delimiter or ("\t" if suffix == ".tsv" else ",")
            sink.writelines(_rewrite_lines(source, kept, delimiter, len(records.headers), changes.structures))


def _find_kept(connection: duckdb.DuckDBPyConnection, changes: Changes, headers: int) -> _Kept:
    emptied = "".join(f", {quote_name(name)}" for name in changes.personal)
    found = connection.execute(f"select position, _is_dropped{emptied} from changed order by position").fetchall()
    lines = changes.staged.find_lines([position for position, *_ in found])
    kept: _Kept = {}
    for line, (_, is_dropped, *flags) in zip(lines, found, strict=True):
        if line is None:
            raise FileRefused("has rows whose lines cannot be told", _REMEDY)
        gone = {name for name, flag in zip(changes.personal, flags, strict=True) if flag}
        stays = (place for place in range(headers) if place in changes.feeds and not gone & set(changes.feeds[place]))
        kept[line] = None if is_dropped else frozenset(stays)
    return kept


def _create(path: Path, target: Path, encoding: str) -> TextIO:
    """An empty text that is encoded, marked and compressed as the one at `path`."""
    name, errors = (encoding, "strict")
    if encoding == "utf-8":
        with open_content(path) as opened:
            name, errors = "utf-8-sig" if opened.read(3) == b"\xef\xbb\xbf" else "utf-8", "surrogateescape"
    if is_gzipped(path):
        return TextIOWrapper(gzip.GzipFile(target, "wb"), encoding=name, errors=errors, newline="")
    return target.open("w", encoding=name, errors=errors, newline="")


def _rewrite_lines(
    source: TextIO, kept: _Kept, delimiter: str, columns: int, structures: Mapping[int, Any]
) -> Iterator[str]:
    """The lines of a CSV or TSV. A record may have several, where a cell has a line end in quotes."""
    lines = enumerate(source, start=1)
    for number, line in lines:
        if number not in kept:
            yield line
            continue
        record = line
        cells = split_cells(record, delimiter)
        while cells is None:
            _, more = next(lines, (0, None))
            if more is None:
                raise FileRefused("has a quote that is not closed", _REMEDY)
            record += more
            cells = split_cells(record, delimiter)
        if len(cells) != columns:
            raise FileRefused(f"has {len(cells)} cells instead of {columns} on line {number}", _REMEDY)
        stays = kept[number]
        if stays is not None:
            end = record[len(record.rstrip("\r\n")) :]
            left = (cell if place in stays else "" for place, cell in enumerate(cells))
            pruned = (
                _prune_cell(cell, structures[place]) if place in structures else cell for place, cell in enumerate(left)
            )
            yield delimiter.join(pruned) + end


def split_cells(record: str, delimiter: str) -> list[str] | None:
    """The cells of a record as they are written, with their quotes and without the line end; None if a quote is open.

    >>> split_cells('1,"a, ""b"", c",x y', ",")
    ['1', '"a, ""b"", c"', 'x y']
    >>> split_cells('1,"a', ",")
    """
    cells, start, is_quoted = [], 0, False
    text = record.rstrip("\r\n")
    for place, sign in enumerate(text):
        if sign == '"' and (is_quoted or not text[start:place].strip()):
            # A doubled quote closes and opens again.
            is_quoted = not is_quoted
        elif sign == '"' and text[place - 1] == '"' and text[start:place].lstrip().startswith('"'):
            is_quoted = True
        elif sign == delimiter and not is_quoted:
            cells.append(text[start:place])
            start = place + 1
    return None if is_quoted else [*cells, text[start:]]


def _prune_cell(cell: str, structure: Any) -> str:
    """A cell of a text with what stays of its JSON."""
    try:
        value = json.loads(cell.strip()[1:-1].replace('""', '"') if cell.strip().startswith('"') else cell)
    except json.JSONDecodeError:
        return ""
    return '"' + _write(_prune(value, structure)).replace('"', '""') + '"'


def _prune(value: Any, structure: Any) -> Any:
    """What stays of a value in JSON."""
    if isinstance(structure, list):
        return [_prune(one, structure[0]) for one in value] if isinstance(value, list) else None
    if isinstance(structure, dict):
        return {key: _prune(value.get(key), one) for key, one in structure.items()} if isinstance(value, dict) else None
    return value


def _rewrite_json(text: str, kept: _Kept, headers: Sequence[str], structures: Mapping[str, Any]) -> Iterator[str]:
    """A JSON array of objects, or an object with one list in it; records count from 1."""
    decoder, at, number, is_first = json.JSONDecoder(parse_float=Decimal, strict=False), _find_list(text), 0, True
    yield text[:at]
    while (start := _skip(text, at)) < len(text) and text[start] != "]":
        record, end = decoder.raw_decode(text, start)
        number += 1
        between, stays = text[at:start], kept.get(number, frozenset())
        if stays is not None:
            # The comma before the first record that stays goes with those before it.
            yield between.replace(",", "", 1) if is_first else between
            yield text[start:end] if number not in kept else _write(_pick(record, _name(stays, headers), structures))
            is_first = False
        at = end
    yield text[at:]


def _skip(text: str, at: int) -> int:
    """Where the next value begins."""
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _find_list(text: str) -> int:
    """Where the first record of the document begins: after the bracket of its list."""
    decoder, at = json.JSONDecoder(strict=False), _skip(text, 0)
    if text[at] == "[":
        return at + 1
    at += 1
    while True:
        _, at = decoder.raw_decode(text, _skip(text, at))
        at = _skip(text, text.index(":", at) + 1)
        if text[at] == "[":
            return at + 1
        _, at = decoder.raw_decode(text, at)


def _rewrite_object(
    line: str, stays: frozenset[int] | None, headers: Sequence[str], structures: Mapping[str, Any]
) -> str:
    if stays is None:
        return ""
    record = json.loads(line, parse_float=Decimal, strict=False)
    return _write(_pick(record, _name(stays, headers), structures)) + line[len(line.rstrip("\r\n")) :]


def _name(positions: Collection[int], headers: Sequence[str]) -> list[str]:
    return [headers[position] for position in sorted(positions)]


def _write(record: Any) -> str:
    import simplejson  # comes with dlt, which every pull needs

    return str(simplejson.dumps(record, use_decimal=True, ensure_ascii=False))


def _pick(record: Any, paths: Collection[str], structures: Mapping[str, Any]) -> dict[str, Any]:
    """Of a record, the values at these paths (`a.b`), and of those in JSON what stays of them."""
    picked: dict[str, Any] = {}
    for path in paths:
        parts, value, place = path.split("."), record, picked
        for part in parts:
            value = value.get(part) if isinstance(value, dict) else None
        if path in structures:
            value = _prune(value, structures[path])
        elif isinstance(value, dict):
            continue
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return picked


def _rewrite_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, target: Path, changes: Changes, cursor: str | None
) -> None:
    columns = []
    for position, header in enumerate(pq.read_schema(path).names):
        name = quote_name(header)
        emptied = [f"changed.{quote_name(one)}" for one in changes.feeds.get(position, ()) if one in changes.personal]
        if position in changes.structures:
            kept = f"case when changed.position is not null then {_express_pruned(name, changes.structures[position])}"
            columns.append(f"{kept} else pulled.{name} end as {name}")
        elif emptied:
            columns.append(f"case when {' or '.join(emptied)} then null else pulled.{name} end as {name}")
        elif position in changes.feeds or header == cursor:
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
    connection.execute(f"copy ({query}) to {quote_literal(target)} (format parquet, compression zstd)")


def _express_pruned(name: str, structure: Any) -> str:
    """SQL for what stays of a column in JSON."""
    if not structure:
        return "null"
    kept = f"to_json(json_transform(pulled.{name}, {quote_literal(json.dumps(structure))}))::varchar"
    return f"(case when json_valid(pulled.{name}) then {kept} end)"
