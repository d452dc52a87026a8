"""Parquet: every column as text, decimals exactly, times in ISO 8601."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.landing.content import check_column_count, check_row_count
from orchestration.landing.readers.records import NO_RECORDS, Records, Selection, Staged
from orchestration.landing.refusals import FileRefused
from orchestration.programme.extracts import Entry
from orchestration.programme.sql import quote_literal, quote_name, quote_path
from orchestration.runtime.connections import connect

_REMEDY = "Copy or export it again"
_NUMERIC = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
)


def open_parquet(path: Path, entry: Entry, workspace: Path) -> Records:
    """Open one Parquet file. Raises FileRefused for any other content."""
    if path.stat().st_size == 0:
        return NO_RECORDS
    try:
        with connect(path.parent) as connection:
            described = connection.execute(f"describe from read_parquet({quote_path(path)})").fetchall()
            [(rows,)] = connection.execute(f"select num_rows from parquet_file_metadata({quote_path(path)})").fetchall()
    except duckdb.Error as error:
        raise FileRefused(f"is not a Parquet file: {str(error).splitlines()[0]}", _REMEDY) from error
    check_row_count(rows)
    check_column_count(len(described))
    return ParquetRecords(path, tuple((name, data_type) for name, data_type, *_ in described), entry.decimal)


@dataclass(frozen=True)
class ParquetRecords:
    """`columns` are names and DuckDB types, in the order of the file."""

    path: Path
    columns: tuple[tuple[str, str], ...]
    decimal: str | None

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(name.strip() for name, _ in self.columns)

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(
            position for position, (_, data_type) in enumerate(self.columns) if data_type.startswith(_NUMERIC)
        )

    def stage(self, connection: duckdb.DuckDBPyConnection, selection: Selection, target: Path) -> Staged:
        cells = {
            position: _cast_to_text(name, data_type, self.decimal)
            for position, (name, data_type) in enumerate(self.columns)
        }
        query = f"select {selection.express(cells)} from read_parquet({quote_path(self.path)})"
        try:
            [(rows,)] = connection.execute(f"copy ({query}) to {quote_literal(target)} (format parquet)").fetchall()
        except duckdb.Error as error:
            raise FileRefused(f"is a damaged Parquet file: {str(error).splitlines()[0]}", _REMEDY) from error
        return Staged(rows, (), lambda wanted: [position + 1 for position in wanted])


def _cast_to_text(name: str, data_type: str, decimal: str | None) -> str:
    column = quote_name(name)
    is_nested = data_type.startswith(("STRUCT", "MAP", "UNION"))
    if data_type.endswith("]") and not is_nested:
        return f"array_to_string({column}, ';')"
    if is_nested:
        return f"cast(to_json({column}) as varchar)"
    text = f"cast({column} as varchar)"
    is_fraction = decimal == "," and data_type.startswith(("DECIMAL", "DOUBLE", "FLOAT"))
    # Numbers get the decimal sign that is declared for the texts in the file.
    return f"replace({text}, '.', ',')" if is_fraction else text
