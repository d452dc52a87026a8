"""Reads the rows of each part of the report from the published marts."""

from pathlib import Path
from typing import Any

import duckdb

from orchestration.runtime.connections import fetch_dicts

QUERIES = Path(__file__).with_name("queries")

Row = dict[str, Any]


def read_parts(marts: duckdb.DuckDBPyConnection, attribution_model: str) -> dict[str, list[Row]]:
    """Rows of every query in queries/, by its name. The default database of `marts` has the marts of one version."""
    return {
        file.stem: read_rows(marts, file.read_text(encoding="utf-8"), attribution_model)
        for file in sorted(QUERIES.glob("*.sql"))
    }


def read_rows(marts: duckdb.DuckDBPyConnection, query: str, attribution_model: str) -> list[Row]:
    found = marts.execute(query, {"model": attribution_model} if "$model" in query else None)
    return fetch_dicts(found)
