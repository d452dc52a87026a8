"""A night on what is left of the one before: damaged raw, and a warehouse that another version of the project built."""

from pathlib import Path

import duckdb
import pytest
from orchestration.building.damage import remember_left

from orchestration.programme.folder import ProgrammeFolder
from tests.conftest import run_nightly
from tests.tiny import write_tiny

FIGURES = "select order_id, net_revenue from results.orders order by all"


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    return write_tiny(tmp_path)


def make_older(warehouse: Path) -> None:
    """Without what says from what it was built, with a table of a model that is no more, a table where a view is to
    be, and a view where a table is to be."""
    warehouse.unlink()
    with duckdb.connect(warehouse) as older:
        for schema in ("raw", "staging", "results"):
            older.execute(f"create schema {schema}")
        older.execute("create table results.influence_scores as select 1 as score")
        older.execute("create table raw.orders as select 1 as id")
        older.execute("create table staging.stg_extracts__orders as select 1 as id")
        older.execute("create view results.orders as select 1 as id")


def test_one_night_recovers_from_damaged_raw_and_an_older_warehouse(programme: Path):
    first = run_nightly(programme)
    assert first.status == 0, first.screen
    figures = first.query(FIGURES)
    warehouse = programme / "warehouse" / "warehouse.duckdb"

    make_older(warehouse)
    [raw] = [file for file in (programme / "warehouse/raw/orders").iterdir() if file.name != "_empty.parquet"]
    content = bytearray(raw.read_bytes())
    content[len(content) // 2] ^= 1
    raw.write_bytes(content)
    second = run_nightly(programme)
    assert second.status == 0, second.screen
    assert f"what was loaded is gone or damaged ({raw})" in second.screen
    assert "nothing in the warehouse is as this version of the project builds it" in second.screen
    assert second.query(FIGURES) == figures
    with duckdb.connect(warehouse, read_only=True) as built:
        tables = {name for (name,) in built.execute("select table_name from duckdb_tables()").fetchall()}
    assert "influence_scores" not in tables and "orders" in tables


def test_a_night_that_meets_what_the_disk_has_lost_begins_again(programme: Path):
    """Nothing says so before it is read: the file's size and times are what they were."""
    first = run_nightly(programme)
    warehouse = programme / "warehouse" / "warehouse.duckdb"
    content = bytearray(warehouse.read_bytes())
    for place in range(12_288 + 5_000, len(content), 2**18):
        content[place] ^= 0xFF
    warehouse.write_bytes(content)
    remember_left(ProgrammeFolder(programme))

    second = run_nightly(programme)
    assert second.status == 0, second.screen
    assert f"{warehouse} cannot be read, so it is built anew from raw" in second.screen
    assert second.screen.count("no file matches landing/refunds") == 2, "it did not begin again"
    assert second.query(FIGURES) == first.query(FIGURES)
