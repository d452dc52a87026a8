"""A run on damaged files: raw whose bytes changed, and a warehouse that another release of the project built."""

from pathlib import Path

import duckdb

from tests.conftest import SLOW, run_nightly
from tests.tiny import write_tiny

ORDERS = "select order_id, net_revenue from results.orders order by all"


def make_older(warehouse: Path) -> None:
    """A warehouse with a table of a model that was removed, a table where a view is to be, and a view where a table is
    to be."""
    warehouse.unlink()
    with duckdb.connect(warehouse) as older:
        for schema in ("raw", "staging", "results"):
            older.execute(f"create schema {schema}")
        older.execute("create table results.influence_scores as select 1 as score")
        older.execute("create table raw.orders as select 1 as id")
        older.execute("create table staging.stg_extracts__orders as select 1 as id")
        older.execute("create view results.orders as select 1 as id")


def damage_raw(programme: Path) -> Path:
    """Change one byte of the first file of orders that was loaded; gives the file in raw."""
    raw = min(
        (file for file in (programme / "warehouse/raw/orders").iterdir() if file.name != "_empty.parquet"),
        key=lambda file: file.stat().st_mtime_ns,
    )
    content = bytearray(raw.read_bytes())
    content[len(content) // 2] ^= 1
    raw.write_bytes(content)
    return raw


@SLOW
def test_the_next_run_replaces_damaged_raw_and_an_older_warehouse(tmp_path: Path):
    """Nothing else is new, so the run has to see by itself that the warehouse is not the one that it left."""
    programme = write_tiny(tmp_path / "programme")
    first = run_nightly(programme)
    assert first.status == 0, first.screen
    orders = first.query(ORDERS)
    warehouse = programme / "warehouse" / "warehouse.duckdb"

    unchanged = run_nightly(programme)
    assert unchanged.status == 0, unchanged.screen
    assert "dbt is skipped" in unchanged.screen
    assert unchanged.versions == first.versions

    make_older(warehouse)
    raw = damage_raw(programme)
    second = run_nightly(programme)
    assert second.status == 0, second.screen
    assert f"the loaded rows are missing or damaged ({raw})" in second.screen
    assert second.query(ORDERS) == orders
    assert len(second.versions) == 2
    with duckdb.connect(warehouse, read_only=True) as built:
        tables = {name for (name,) in built.execute("select table_name from duckdb_tables()").fetchall()}
    assert "influence_scores" not in tables and "orders" in tables
