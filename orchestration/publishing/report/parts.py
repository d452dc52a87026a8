"""What each part of the report says, as rows of the published marts."""

from pathlib import Path
from typing import Any

import duckdb

QUERIES = Path(__file__).with_name("queries")

Row = dict[str, Any]


def read_parts(marts: duckdb.DuckDBPyConnection, attribution_model: str) -> dict[str, list[Row]]:
    """Rows of every query beside this module, by its name. `marts` has one version's marts for its default database."""
    return {
        file.stem: read_rows(marts, file.read_text(encoding="utf-8"), attribution_model)
        for file in sorted(QUERIES.glob("*.sql"))
    }


def read_rows(marts: duckdb.DuckDBPyConnection, query: str, attribution_model: str) -> list[Row]:
    found = marts.execute(query, {"model": attribution_model} if "$model" in query else None)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
