"""What is changed in a published table is what writing it whole would give."""

from pathlib import Path
from random import Random

import duckdb
import pytest
from orchestration.publishing.tables import update_table, write_table

from orchestration.publishing import tables
from orchestration.publishing.marts import Mart

MART = Mart("model.x", "results", "orders", "Orders.", {"id": "Its id.", "amount": "EUR."})
ROWS = (
    "select 'o' || lpad(range::varchar, 5, '0') as id, nullif(range % 7, 0)::decimal(18, 2) as amount from range(1000)"
)


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """1,000 rows in the warehouse, which are many, published."""
    monkeypatch.setattr(tables, "LARGE_ROWS", 100)
    with duckdb.connect() as connection:
        for name in ("warehouse", "published"):
            connection.execute(
                f"attach '{tmp_path / name}.duckdb' as {name}; create schema if not exists {name}.results"
            )
        connection.execute(f"create table warehouse.results.orders as {ROWS}")
        assert write_table(connection, MART) == 1000
        yield connection


def read(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple]:
    return connection.execute(f"from {database}.results.orders order by all").fetchall()


def refuse_to_write_whole(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    raise AssertionError("it was written whole")


@pytest.mark.parametrize("seed", range(12))
def test_rows_that_come_go_and_change_are_published(connection, monkeypatch: pytest.MonkeyPatch, seed: int):
    monkeypatch.setattr(tables, "write_table", refuse_to_write_whole)
    random = Random(seed)
    for night in range(4):
        few = random.randint(0, 120)
        connection.execute(f"delete from warehouse.results.orders where hash(id, {seed}) % 1000 < {few}")
        connection.execute(
            f"update warehouse.results.orders set amount = {random.choice(['null', '0', 'amount + 1'])}"
            f" where hash({seed}, id) % 1000 < {few}"
        )
        connection.execute(
            f"insert into warehouse.results.orders select id || '-{night}', amount from ({ROWS}) limit {few}"
        )
        rows = update_table(connection, MART)
        assert rows == len(read(connection, "warehouse"))
        assert read(connection, "published") == read(connection, "warehouse")


def test_a_small_table_is_sorted_and_a_large_one_as_the_warehouse_has_it(connection, monkeypatch: pytest.MonkeyPatch):
    backwards = "create or replace table warehouse.results.orders as from warehouse.results.orders order by id desc"
    connection.execute(backwards)
    for large, expected in ((1001, sorted), (1000, lambda ids: sorted(ids, reverse=True))):
        monkeypatch.setattr(tables, "LARGE_ROWS", large)
        write_table(connection, MART)
        ids = [id for (id,) in connection.execute("select id from published.results.orders").fetchall()]
        assert ids == expected(ids)


def test_what_stands_keeps_its_place_and_what_is_new_is_behind_it(connection):
    connection.execute("update warehouse.results.orders set amount = 99 where id in ('o00007', 'o00003')")
    update_table(connection, MART)
    ids = [id for (id,) in connection.execute("select id from published.results.orders").fetchall()]
    assert ids == [*(f"o{nth:05}" for nth in range(1000) if nth not in (3, 7)), "o00003", "o00007"]


@pytest.mark.parametrize(
    "change",
    [
        "alter table warehouse.results.orders add column kind varchar default 'sale'",
        "alter table warehouse.results.orders alter amount type double",
        "update warehouse.results.orders set amount = 5 where id > 'o00100'",
        "delete from warehouse.results.orders",
        "delete from warehouse.results.orders where id > 'o00090'",
        # A row that is there twice has the hash of one that is published.
        "insert into warehouse.results.orders from warehouse.results.orders limit 1",
    ],
)
def test_it_is_written_whole_where_that_is_less_or_surer(connection, monkeypatch: pytest.MonkeyPatch, change: str):
    connection.execute(change)
    wholes = []
    monkeypatch.setattr(tables, "write_table", lambda *given: wholes.append(given) or write_table(*given))
    assert update_table(connection, MART) == len(read(connection, "warehouse"))
    assert wholes and read(connection, "published") == read(connection, "warehouse")


def test_what_is_said_of_it_is_what_is_said_now(connection):
    now = Mart("model.x", "results", "orders", "All orders.", {"id": "Id.", "amount": "In EUR."})
    update_table(connection, now)
    said = connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'published' order by all"
    ).fetchall()
    assert said == [("amount", "In EUR."), ("id", "Id.")]
    [(comment,)] = connection.execute(
        "select comment from duckdb_tables() where database_name = 'published'"
    ).fetchall()
    assert comment == "All orders."
