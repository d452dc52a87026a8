"""What goes wrong at a source: each ends in a clear message or a correct load, and nothing is lost or doubled."""

import pytest

from orchestration.landing.pulling import databases
from orchestration.landing.pulling.results import PullFailed
from tests.pulling.conftest import Bench
from tests.pulling.test_postgresql import ORDERS
from tests.servers.postgres import PostgresServer, run_postgres
from tests.servers.processes import PASSWORD


def test_a_server_that_is_killed_in_the_middle_of_a_pull_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(databases, "CHUNK_ROWS", 100)
    with run_postgres(password=PASSWORD) as server:
        bench.declare(server.url, f"{ORDERS}, cursor: id")
        server.execute(
            "create table orders (id bigint primary key, updated_at timestamptz, total numeric(12,2))",
            "insert into orders select n, now(), n from generate_series(1, 5000) n",
        )
        convert, chunks = databases.convert_rows, []

        def kill_after_three(*arguments):
            chunks.append(1)
            if len(chunks) == 3:
                server.stop()
            return convert(*arguments)

        monkeypatch.setattr(databases, "convert_rows", kill_after_three)
        with pytest.raises(PullFailed) as caught:
            bench.pull()
        assert caught.value.is_transient and str(caught.value).startswith("orders ← src: ") and not bench.files
        monkeypatch.setattr(databases, "convert_rows", convert)
        with pytest.raises(PullFailed, match=r"(?i)connection.*refused"):
            bench.pull()
        server.start()
        assert bench.pull().rows == 5000 and len(bench.files) == 1


def test_a_column_that_changes_its_type_and_one_that_is_added(bench: Bench, table: PostgresServer):
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    bench.pull()
    table.execute(
        "alter table orders alter total type text, add column note text",
        "insert into orders values (4, '2026-03-03', '44.40', 'new')",
    )
    [newest] = bench.pull().files
    assert bench.query("select total, note from t where id = 4", bench.path / newest) == [("44.40", "new")]
    assert not bench.land().refusals
    nets = bench.select_raw("order_id, max_by(net, _delivery_order) over (partition by order_id)")
    assert set(nets) == {("1", "10.10"), ("2", "20.00"), ("3", "30.05"), ("4", "44.40")}


def test_a_pull_that_was_not_loaded_is_loaded_by_the_next_run(bench: Bench, table: PostgresServer):
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at, overlap: 0s")
    bench.pull()  # and the run was killed
    table.execute("insert into orders values (4, '2026-03-03', 4)")
    bench.pull()
    assert [delivery.rows_read for delivery in bench.land().deliveries] == [3, 2]


def test_a_query_that_takes_too_long_is_given_up(bench: Bench, table: PostgresServer, monkeypatch: pytest.MonkeyPatch):
    bench.declare(table.url, "from: src, query: 'select 1 as a, pg_sleep(30)::text as b', time_limit: 1, feeds: orders")
    opened = databases.open_engine
    monkeypatch.setattr(
        databases, "open_engine", lambda connection, time_limit: opened(connection, True, time_limit / 60)
    )
    with pytest.raises(PullFailed, match="canceling statement due to statement timeout"):
        bench.pull()


def test_older_snapshots_are_removed_and_a_changed_table_begins_anew(bench: Bench, table: PostgresServer):
    from orchestration.landing.pulling.retention import prune_pulls

    bench.declare(table.url, ORDERS)
    for net in (1, 2, 3):
        table.execute(f"update orders set total = {net} where id = 1")
        bench.pull()
        bench.land()
    programme = bench.read()
    assert prune_pulls(programme.folder, programme.entries[0], 1) == 2 and len(bench.files) == 1
    landing = bench.land()
    assert landing.retired == 2 and {row[0] for row in bench.select_raw("net")} == {"3.00", "20.00", "30.05"}
    # Another query: what the earlier one pulled no longer counts.
    bench.declare(table.url, ORDERS.replace("table: public.orders", "query: select * from orders where id > 1"))
    assert bench.pull().rows == 2
    assert {row[0] for row in (bench.land(), bench.select_raw("order_id"))[1]} == {"2", "3"}
