"""Small tables for checks: columns of the extracts and of the marts, rows from the files beside this one."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from expectations.suites import load_suites

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RAW = load_suites(ROOT / "expectations/raw")
MARTS = load_suites(ROOT / "expectations/marts")
SUITES = RAW | MARTS
SQL_TYPES = {
    "text": "text",
    "list": "text",
    "currency": "text",
    "timestamp": "timestamp",
    "timestamp_end": "timestamp",
    "date": "date",
    "money": "decimal(18,2)",
    "count": "bigint",
    "number": "double",
    "boolean": "boolean",
}


def read_yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path)


@cache
def read_raw_models() -> dict[str, list[dict[str, Any]]]:
    """Columns of every canonical extract as dbt declares them, by extract."""
    return {
        path.stem: read_yaml(path)["sources"][0]["tables"][0]["columns"]
        for path in sorted((ROOT / "dbt_project/models/raw").glob("[!_]*.yml"))
    }


@cache
def read_columns() -> dict[str, dict[str, str]]:
    """SQL type by column by table."""
    raw = {
        extract: {column["name"]: SQL_TYPES[column["data_type"]] for column in columns} | {"_file": "text"}
        for extract, columns in read_raw_models().items()
    }
    return raw | read_mart_columns()


@cache
def read_mart_columns() -> dict[str, dict[str, str]]:
    """SQL type by column of every published mart, as its contract says; `results__daily.yml` is `results.daily`."""
    models = [read_yaml(path)["models"][0] for path in sorted((ROOT / "dbt_project/models/marts").rglob("*.yml"))]
    return {
        model["name"].replace("__", "."): {column["name"]: column["data_type"] for column in model["columns"]}
        for model in models
    }


def create_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: list[dict[str, Any]]
) -> None:
    """Creates `schema.table` with these rows; columns that a row leaves out are null."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name.split('.')[0]}")
    connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
    for row in rows:
        marks = ", ".join(f"CAST(? AS {columns[column]})" for column in row)
        connection.execute(f"INSERT INTO {name} ({', '.join(row)}) SELECT {marks}", list(row.values()))
