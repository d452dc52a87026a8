"""Small warehouses that can be published without a build: every mart has as many rows as the number of its night."""

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
from orchestration.warehouse.database import warehouse_file
from tests.expectations.tables import create_table, read_mart_columns, read_yaml

MANIFEST = REPOSITORY / "dbt_project" / "target" / "manifest.json"
HEALTHY_ROWS = read_yaml(REPOSITORY / "tests" / "expectations" / "healthy_rows.yml")
PLAN = "{{programme: Tiny, currency: EUR, timezone: UTC, keep_nights: {kept}}}\n"


def start_programme(path: Path, kept: int = 7) -> ProgrammeFolder:
    """A programme that has landed nothing yet; its warehouse has no marts."""
    (path / "landing").mkdir(parents=True)
    (path / "plan.yml").write_text(PLAN.format(kept=kept))
    (path / "extracts.yml").write_text("extracts: []\n")
    programme = read_programme(path)
    write_plan_tables(programme)
    land(programme)
    (programme.folder.warehouse / "dbt").mkdir()
    shutil.copy(MANIFEST, programme.folder.warehouse / "dbt")
    return programme.folder


def build_night(folder: ProgrammeFolder, number: int) -> None:
    """Fill every mart with `number` times the same row."""
    warehouse_file(folder).unlink(missing_ok=True)
    with duckdb.connect(warehouse_file(folder)) as connection:
        for table, columns in list_columns().items():
            create_table(connection, table, columns, HEALTHY_ROWS[table][:1])
            connection.execute(f"insert into {table} select row.* from {table} as row, range({number} - 1)")


@cache
def list_columns() -> dict[str, dict[str, str]]:
    return read_mart_columns()


@cache
def list_marts() -> list[Mart]:
    return read_marts(MANIFEST)


def read_number(marts: Path) -> int:
    """Which night a database is; fails if its marts are of several."""
    with duckdb.connect(marts, read_only=True) as connection:
        counts = {connection.execute(f"select count(*) from {table}").fetchone()[0] for table in list_columns()}
    assert len(counts) == 1, f"{marts} is mixed: {counts}"
    return counts.pop()
