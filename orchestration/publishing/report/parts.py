"""Reads the rows of each part of the report from the published marts."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.runtime.connections import fetch_dicts

QUERIES = Path(__file__).with_name("queries")

Row = dict[str, Any]


def read_parts(marts: duckdb.DuckDBPyConnection, attribution_model: str, as_of: date) -> dict[str, list[Row]]:
    """Rows of every query in queries/, by its name. The default database of `marts` has the marts of one version."""
    return {
        file.stem: read_rows(marts, file.read_text(encoding="utf-8"), {"model": attribution_model, "as_of": as_of})
        for file in sorted(QUERIES.glob("*.sql"))
    }


def read_rows(marts: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any]) -> list[Row]:
    asked = {name: value for name, value in parameters.items() if f"${name}" in query}
    found = marts.execute(query, asked or None)
    return fetch_dicts(found)
