"""Small warehouses that can be published without a dbt build: in version 3, every mart has the same row three times."""

import shutil
from functools import cache
from pathlib import Path

import duckdb

from orchestration.landing.load import land
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.programme.repository import REPOSITORY
from orchestration.publishing.marts import Mart, read_marts
from orchestration.publishing.publish import Version, publish_version
from orchestration.warehouse.database import drop_warehouse, warehouse_file
from tests.expectations.tables import create_table, read_mart_columns, read_yaml

MANIFEST = REPOSITORY / "dbt_project" / "target" / "manifest.json"
HEALTHY_ROWS = read_yaml(REPOSITORY / "tests" / "expectations" / "healthy_rows.yml")
PLAN = "{programme: Tiny, currency: EUR, timezone: UTC}\n"


def start_programme(path: Path) -> ProgrammeFolder:
    """A programme that has landed nothing yet; its warehouse has no marts."""
    (path / "landing").mkdir(parents=True)
    (path / "plan.yml").write_text(PLAN)
    (path / "extracts.yml").write_text("extracts: []\n")
    programme = read_programme(path)
    write_plan_tables(programme)
    land(programme)
    (programme.folder.warehouse / "dbt").mkdir()
    shutil.copy(MANIFEST, programme.folder.warehouse / "dbt")
    return programme.folder


def fill_marts(folder: ProgrammeFolder, rows: int) -> None:
    """A new warehouse, in which every mart has the same row so many times."""
    drop_warehouse(folder)
    with duckdb.connect(warehouse_file(folder)) as connection:
        for table, columns in list_columns().items():
            create_table(connection, table, columns, HEALTHY_ROWS[table][:1])
            connection.execute(f"insert into {table} select row.* from {table} as row, range({rows} - 1)")


def publish(folder: ProgrammeFolder, keep_versions: int = 7) -> Version:
    return publish_version(folder, list_marts(), keep_versions)


@cache
def list_columns() -> dict[str, dict[str, str]]:
    return read_mart_columns()


@cache
def list_marts() -> list[Mart]:
    return read_marts(MANIFEST)


def count_rows(marts: Path) -> int:
    """Rows of each mart in a published database; fails if its marts are of several versions."""
    with duckdb.connect(marts, read_only=True) as connection:
        counts = {connection.execute(f"select count(*) from {table}").fetchone()[0] for table in list_columns()}
    assert len(counts) == 1, f"{marts} mixes versions: {counts}"
    return counts.pop()
