"""Rows as a table in the Dagster UI, instead of JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from dagster import MetadataValue, TableColumn, TableMetadataValue, TableRecord, TableSchema


def show_rows(rows: Sequence[Mapping[str, Any]]) -> TableMetadataValue:
    """Columns in the order in which they first appear; values other than numbers, booleans and null become text."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return MetadataValue.table(
        [TableRecord({column: show_value(row.get(column)) for column in columns}) for row in rows],
        TableSchema([TableColumn(column) for column in columns]),
    )


def show_value(value: Any) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float) else str(value)
