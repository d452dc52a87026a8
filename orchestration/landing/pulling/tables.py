"""Rows of a database or an API as Arrow, and Arrow as one Parquet file whose types are those of the source.

A decimal is never a float; JSON, arrays of arrays and everything that has no counterpart are text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_TIME = pa.timestamp("us", "UTC")
_LOCAL_TIME = pa.timestamp("us")
_TEXTS = pa.list_(pa.string())
_MOST_DIGITS = 38


def convert_rows(
    names: Sequence[str], rows: Sequence[Sequence[Any]], types: Mapping[str, pa.DataType] | None = None
) -> pa.Table:
    """A table of the rows; `types` are those known of the source, others are found from the values."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    known = types or {}
    arrays = [convert_values(values, known.get(name)) for name, values in zip(names, columns, strict=True)]
    return pa.table(arrays, names=list(names))


def convert_values(values: Sequence[Any], known: pa.DataType | None = None) -> pa.Array:
    """The values as an array: of the known type if they fit, else of the type that they all have, else of text."""
    if known is not None:
        try:
            return pa.array(values, known)
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError, ValueError):
            pass
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.array(values, pa.null())
    try:
        return pa.array(values, _find_type(kinds, values))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, OverflowError, ValueError):
        return pa.array([write_text(value) for value in values], pa.string())


def _find_type(kinds: set[Any], values: Iterable[Any]) -> pa.DataType | None:
    """Raises ValueError where the values can only be text."""
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pa.int64()
    if kinds == {float}:
        return pa.float64()
    if kinds == {str}:
        return pa.string()
    if kinds == {bytes}:
        return pa.binary()
    if kinds <= {Decimal, int}:
        return _fit_decimals([Decimal(value) for value in values if value is not None])
    if kinds == {datetime}:
        zoned = {value.tzinfo is not None for value in values if value is not None}
        if len(zoned) == 1:
            return _TIME if zoned == {True} else _LOCAL_TIME
    if kinds == {date}:
        return pa.date32()
    if kinds <= {list, tuple} and all(_is_plain(part) for value in values for part in value or ()):
        return _TEXTS
    raise ValueError("only text")


def _is_plain(part: Any) -> bool:
    return isinstance(part, str)


def _fit_decimals(values: Sequence[Decimal]) -> pa.DataType:
    """The narrowest type that holds all of them exactly. Raises ValueError if none does."""
    scale, whole = 0, 1
    for value in values:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise ValueError("NaN or infinity")
        scale, whole = max(scale, -exponent), max(whole, len(digits) + exponent)
    if whole + scale > _MOST_DIGITS:
        raise ValueError("too many digits")
    return pa.decimal128(whole + scale, scale)


def write_text(value: Any) -> str | None:
    """Any value as text; a list of plain values is `a;b`, what is nested is JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (list, tuple)) and not any(isinstance(part, (list, tuple, dict)) for part in value):
        return ";".join(write_text(part) or "" for part in value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=write_text)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    return str(value)


def unify_types(first: pa.DataType, second: pa.DataType) -> pa.DataType:
    """A type that holds the values of both exactly; text if there is none."""
    if first == second or pa.types.is_null(second):
        return first
    if pa.types.is_null(first):
        return second
    if all(pa.types.is_decimal(one) or pa.types.is_integer(one) for one in (first, second)):
        widths = [
            (one.precision - one.scale, one.scale) if pa.types.is_decimal(one) else (19, 0) for one in (first, second)
        ]
        whole, scale = (max(sizes) for sizes in zip(*widths, strict=True))
        return pa.decimal128(whole + scale, scale) if whole + scale <= _MOST_DIGITS else pa.string()
    return pa.string()


class ParquetSink:
    """Writes tables one after the other to Parquet, and unifies their types at the end.

    Tables of a source nearly always have the same types; a table that differs starts another part.
    """

    def __init__(self, workspace: Path):
        self._workspace = workspace
        self._parts: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._schema: pa.Schema | None = None
        self.rows = 0

    def write(self, table: pa.Table) -> None:
        if self._writer is not None and self._schema is not None and table.schema != self._schema:
            fitted = _cast(table, self._schema)
            if fitted is None:
                self._writer.close()
                self._writer = None
            else:
                table = fitted
        if self._writer is None:
            part = self._workspace / f"part-{len(self._parts)}.parquet"
            self._parts.append(part)
            self._schema = table.schema
            self._writer = pq.ParquetWriter(part, table.schema, compression="zstd")
        self._writer.write_table(table)
        self.rows += table.num_rows

    def finish(self, target: Path) -> int:
        """Write one file to `target`, all columns by their names; returns how many rows it has."""
        if self._writer is not None:
            self._writer.close()
        if not self._parts:
            raise AssertionError("a pull without a table")
        if len(self._parts) == 1 and not any(pa.types.is_null(field.type) for field in self._schema or ()):
            self._parts[0].replace(target)
        else:
            self._merge(target)
        written = pq.read_metadata(target).num_rows
        if written != self.rows:
            raise AssertionError(f"{self.rows} rows pulled, but {written} written")
        return int(written)

    def _merge(self, target: Path) -> None:
        schema = unify_schemas([pq.read_schema(part) for part in self._parts])
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for part in self._parts:
                with pq.ParquetFile(part) as opened:
                    for batch in opened.iter_batches(batch_size=50_000):
                        writer.write_table(_convert(pa.Table.from_batches([batch]), schema))
                part.unlink()


def unify_schemas(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """All columns of the schemas, each of a type that holds the values of all; one without values is text."""
    types: dict[str, pa.DataType] = {}
    for schema in schemas:
        for field in schema:
            types[field.name] = unify_types(types.get(field.name, pa.null()), field.type)
    return pa.schema([(name, pa.string() if pa.types.is_null(kind) else kind) for name, kind in types.items()])


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table | None:
    """The table in this schema if nothing is lost; None otherwise."""
    if table.column_names != schema.names:
        return None
    unified = [unify_types(mine.type, theirs.type) for mine, theirs in zip(schema, table.schema, strict=True)]
    return table.cast(schema) if unified == [field.type for field in schema] else None


def _convert(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return pa.table(list(_convert_columns(table, schema)), schema=schema)


def _convert_columns(table: pa.Table, schema: pa.Schema) -> Iterator[pa.ChunkedArray | pa.Array]:
    for field in schema:
        if field.name not in table.column_names:
            yield pa.nulls(table.num_rows, field.type)
            continue
        column = table[field.name]
        if pa.types.is_string(field.type) and not pa.types.is_string(column.type):
            # Not Arrow's cast, which writes a time and a list otherwise.
            yield pa.array([write_text(value) for value in column.to_pylist()], pa.string())
        else:
            yield column.cast(field.type)
