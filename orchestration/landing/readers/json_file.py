"""JSON (an array of objects) and JSON Lines. Numbers keep the text that was written, lists of plain values become
`a;b`, objects become JSON text and one column per path inside them.

DuckDB's reader turns 10.10 into 10.1, so Python parses here and leaves numbers as text.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.landing.content import check_column_count
from orchestration.landing.readers.numbers import write_number
from orchestration.landing.readers.records import NO_RECORDS, Records, Reject, TableRecords
from orchestration.landing.readers.text import find_encoding, open_text, refuse_encoding
from orchestration.landing.reading.empty_words import EMPTY_WORDS
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry

_BATCH = 50_000
# Depth of paths. Every level is written once more, and no export has this many.
_PATHS = 8


class _Number(str):
    """A number as text."""


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False)


def open_json(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open an array of objects, or an object with one list in it. Raises FileRefused for anything else."""
    encoding = find_encoding(path, entry.encoding)
    try:
        with open_text(path, encoding) as file:
            text = file.read()
    except UnicodeError as error:
        raise refuse_encoding(encoding, error) from error
    if not text.strip():
        return NO_RECORDS
    try:
        items = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        remedy = "Export it again; name a file with one object per line .jsonl"
        raise FileRefused(f"is not valid JSON: {error.msg} on line {error.lineno}", remedy) from error
    except RecursionError as error:
        raise FileRefused("is nested too deeply", "Export a flat list of objects") from error
    if isinstance(items, dict):
        lists = [value for value in items.values() if isinstance(value, list)]
        items = lists[0] if len(lists) == 1 else items
    if not isinstance(items, list):
        raise FileRefused("is not an array of objects", "Export `[{...}, {...}]`, or one object per line as .jsonl")
    return _collect(((number, item, None) for number, item in enumerate(items, start=1)), entry.decimal)


def open_json_lines(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one object per line; a line that is not an object becomes a reject."""
    encoding = find_encoding(path, entry.encoding)
    try:
        with open_text(path, encoding) as file:
            return _collect(_parse_lines(file), entry.decimal)
    except UnicodeError as error:
        raise refuse_encoding(encoding, error) from error


def _parse_lines(file: Iterable[str]) -> Iterator[tuple[int, Any, str | None]]:
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            yield line, _DECODER.decode(text.strip()), None
        except json.JSONDecodeError as error:
            yield line, text.strip(), f"cannot be read: {error.msg} at character {error.pos + 1}"
        except RecursionError:
            yield line, text.strip(), "cannot be read: it is nested too deeply"


def _collect(parsed: Iterable[tuple[int, Any, str | None]], decimal: str | None) -> Records:
    """Records from (line, object or text, fault); keys can differ from record to record."""
    batches: list[pa.Table] = []
    rows: list[dict[str, str | None]] = []
    lines: list[int] = []
    rejects: list[Reject] = []
    names: dict[str, None] = {}
    texts: set[str] = set()
    for record, (line, item, fault) in enumerate(parsed, start=1):
        value, row = item, {}
        try:
            if fault is None and isinstance(item, dict):
                row = _read_object(item, decimal)
            elif fault is None:
                value, fault = _write_json(item), "cannot be read: it is not an object"
        except RecursionError:
            value, fault = "", "cannot be read: it is nested too deeply"
        except UnicodeEncodeError:
            value, fault = "", "cannot be read: it has an incomplete character (half of a surrogate pair)"
        if fault is None:
            rows.append(row)
            lines.append(line)
            names.update(dict.fromkeys(row))
            texts.update(name for name, cell in row.items() if _is_text(cell))
            check_column_count(len(names))
        else:
            shown = (value or "null").encode("utf-8", "replace").decode()
            rejects.append(Reject(record, line, shown, fault, "export it again as an object of names and values"))
        if len(rows) >= _BATCH:
            batches.append(_tabulate(rows))
            rows.clear()
    batches.append(_tabulate(rows))
    table = pa.concat_tables(batches, promote_options="default")
    if not lines and not rejects:
        return NO_RECORDS
    numbers = frozenset(position for position, name in enumerate(table.column_names) if name not in texts)
    return TableRecords(tuple(table.column_names), table, lines, tuple(rejects), numbers)


def _is_text(cell: str | None) -> bool:
    """Whether a cell holds something that is no number in the file itself."""
    return bool(cell) and not isinstance(cell, _Number) and cell not in EMPTY_WORDS


def _tabulate(rows: list[dict[str, str | None]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})


def _read_object(item: dict[str, Any], decimal: str | None) -> dict[str, str | None]:
    """Raises UnicodeEncodeError for an incomplete character, RecursionError for an object that is nested too deeply."""
    row = dict(_flatten(item, decimal))
    for text in (*row, *row.values()):
        if text and not text.isascii():
            text.encode()
    return row


def _flatten(
    item: dict[str, Any], decimal: str | None, prefix: str = "", depth: int = 1
) -> Iterator[tuple[str, str | None]]:
    """Names and values as text; values inside an object are added under their path (`amount.currency`)."""
    for key, value in item.items():
        name = f"{prefix}{str(key).strip()}"
        yield name, _write_value(value, decimal)
        if isinstance(value, dict) and depth < _PATHS:
            yield from _flatten(value, decimal, f"{name}.", depth + 1)


def _write_value(value: Any, decimal: str | None) -> str | None:
    """A value as text; null is None, a list of plain values is `a;b`."""
    if value is None:
        return None
    if isinstance(value, _Number):
        return _Number(write_number(value, decimal))
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ";".join(value)
    return str(value) if isinstance(value, str) else _write_json(value)


def _write_json(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_write_json(key)}:{_write_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_write_json(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)
