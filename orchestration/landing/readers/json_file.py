"""JSON (an array of objects) and JSON Lines: numbers exactly as they are written, lists of plain values as
`a;b`, objects as JSON text and by the paths of what they hold.

DuckDB's own reader makes 10.1 of 10.10, so Python parses here, with numbers left as text.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.landing.content import check_columns
from orchestration.landing.readers.records import NoRecords, Records, Reject, TableRecords, write_number
from orchestration.landing.readers.text import find_encoding, open_text, refuse_encoding
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry

_BATCH = 50_000
# So deep go paths: each level is written once more, and no export has so many.
_PATHS = 8


class _Number(str):
    """A number as it is written."""


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number, strict=False)


def open_json(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one array of objects, by itself or as the only list of an object; raises FileRefused for anything else."""
    encoding = find_encoding(path, entry.encoding)
    try:
        with open_text(path, encoding) as file:
            text = file.read()
    except UnicodeError as error:
        raise refuse_encoding(encoding, error) from error
    if not text.strip():
        return NoRecords()
    try:
        items = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        remedy = "Export it again; a file with one object a line is named .jsonl"
        raise FileRefused(f"is not valid JSON: {error.msg} on line {error.lineno}", remedy) from error
    except RecursionError as error:
        raise FileRefused("is nested too deeply", "Export a flat list of objects") from error
    if isinstance(items, dict):
        lists = [value for value in items.values() if isinstance(value, list)]
        items = lists[0] if len(lists) == 1 else items
    if not isinstance(items, list):
        raise FileRefused("is not an array of objects", "Export `[{...}, {...}]`, or one object a line as .jsonl")
    return _collect(((number, item, None) for number, item in enumerate(items, start=1)), entry.decimal)


def open_json_lines(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one object a line; a line that is none becomes a reject."""
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
    """Records of (line, object or text, what is wrong with it); keys may differ from record to record."""
    batches: list[pa.Table] = []
    rows: list[dict[str, str | None]] = []
    lines: list[int] = []
    rejects: list[Reject] = []
    names: dict[str, None] = {}
    for record, (line, item, fault) in enumerate(parsed, start=1):
        value, row = item, None
        try:
            if fault is None and isinstance(item, dict):
                row = _read_object(item, decimal)
            elif fault is None:
                value, fault = _write_json(item), "cannot be read: it is no object"
        except RecursionError:
            value, fault = "", "cannot be read: it is nested too deeply"
        except UnicodeEncodeError:
            value, fault = "", "cannot be read: it holds half a character (a surrogate without the other)"
        if row is not None:
            rows.append(row)
            lines.append(line)
            names.update(dict.fromkeys(row))
            check_columns(len(names))
        else:
            shown = (value or "null").encode("utf-8", "replace").decode()
            rejects.append(Reject(record, line, shown, fault, "export it again as an object of names and values"))
        if len(rows) >= _BATCH:
            batches.append(_tabulate(rows))
            rows.clear()
    batches.append(_tabulate(rows))
    table = pa.concat_tables(batches, promote_options="default")
    if not lines and not rejects:
        return NoRecords()
    return TableRecords(tuple(table.column_names), table, lines, tuple(rejects))


def _tabulate(rows: list[dict[str, str | None]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})


def _read_object(item: dict[str, Any], decimal: str | None) -> dict[str, str | None]:
    """Raises UnicodeEncodeError for what is no text, RecursionError for what is nested too deeply."""
    row = dict(_flatten(item, decimal))
    for text in (*row, *row.values()):
        if text and not text.isascii():
            text.encode()
    return row


def _flatten(
    item: dict[str, Any], decimal: str | None, prefix: str = "", depth: int = 1
) -> Iterator[tuple[str, str | None]]:
    """Names and values as text; what is inside an object stands beside it under its path (`amount.currency`)."""
    for key, value in item.items():
        name = f"{prefix}{str(key).strip()}"
        yield name, _write(value, decimal)
        if isinstance(value, dict) and depth < _PATHS:
            yield from _flatten(value, decimal, f"{name}.", depth + 1)


def _write(value: Any, decimal: str | None) -> str | None:
    """A value as text; null is None, a list of plain values is `a;b`."""
    if value is None:
        return None
    if isinstance(value, _Number):
        return write_number(value, decimal)
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
