"""Databases that are files: DuckDB and SQLite."""

import sqlite3

import duckdb
import pytest

from orchestration.landing.pulling.results import PullFailed
from tests.pulling.conftest import Bench


def test_a_table_of_duckdb(bench: Bench):
    file = bench.path / "shop.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create table orders as select 1 as id, timestamptz '2026-03-01 10:00:00+01' as at, 10.50::decimal(10,2) as net,"
            " ['a', 'b'] as codes"
        )
    bench.declare(f"duckdb:///{file}", "from: src, table: main.orders, cursor: at, feeds: orders")
    assert bench.pull().cursor == "2026-03-01 09:00:00+00:00"
    kinds = {name: kind for name, kind, *_ in bench.query("describe t")}
    assert kinds["net"].startswith("DECIMAL") and kinds["codes"] == "VARCHAR[]"
    assert kinds["at"] == "TIMESTAMP WITH TIME ZONE"
    bench.declare(f"duckdb:///{file}", "from: src, table: main.gone, feeds: orders")
    with pytest.raises(PullFailed, match="Table with name gone does not exist"):
        bench.pull()


def test_a_table_of_sqlite(bench: Bench):
    file = bench.path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("create table orders (id integer, at timestamp, net numeric(10,2))")
        connection.execute("insert into orders values (1, '2026-03-01 10:00:00', 10.5)")
    bench.declare(f"sqlite:///{file}", "from: src, table: orders, cursor: at, feeds: orders")
    assert bench.pull().cursor == "2026-03-01 10:00:00"
    assert bench.query("select net::varchar from t") == [("10.50",)]
