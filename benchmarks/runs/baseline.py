"""The baseline: landing and the same compiled SQL run by bare DuckDB with the same settings, without dbt, Dagster,
checks, report and publishing.

`python -m benchmarks.runs.baseline COMPILED PROGRAMME OUT AS_OF` builds in OUT and writes the marts as Parquet files;
COMPILED is the target folder of `dbt compile`.
"""

import os
import sys
from datetime import date
from pathlib import Path

import duckdb

from orchestration.programme.repository import DBT_PROJECT
from orchestration.publishing.files import PARQUET
from orchestration.runtime.connections import BUILDING_MEMORY_LIMIT
from orchestration.warehouse.database import STORAGE_VERSION
from tests.warehouse.bare import MARTS, CompiledProject, build


def main(compiled: Path, programme: Path, out: Path, as_of: date) -> None:
    sys.path.insert(0, str(DBT_PROJECT / "methods"))  # as dbt's profile does
    out.mkdir(parents=True)
    connection = build(
        CompiledProject(compiled),
        programme,
        as_of,
        out / "warehouse.duckdb",
        threads=os.cpu_count() or 1,
        memory_limit=BUILDING_MEMORY_LIMIT,
        storage_version=STORAGE_VERSION,
    )
    write_marts(connection, out)


def write_marts(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    tables = connection.execute(
        f"select table_schema, table_name from information_schema.tables where table_schema in {MARTS}"
    ).fetchall()
    for schema, table in tables:
        (out / schema).mkdir(exist_ok=True)
        connection.execute(f"copy {schema}.{table} to '{out / schema / table}.parquet' ({PARQUET})")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), date.fromisoformat(sys.argv[4]))
