"""What goes wrong at a source: each ends in a clear message or a correct load, and nothing is lost or doubled."""

import os
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dagster import materialize

from orchestration.defs.assets import pulled
from orchestration.defs.resources import ProgrammeResource
from orchestration.landing.pulling import databases
from orchestration.landing.pulling.results import PullFailed
from orchestration.programme import ProgrammeFolder
from orchestration.programme.unvalidated_extracts import Source
from orchestration.runtime.lock import hold_lock
from tests.conftest import REPOSITORY
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


def test_a_table_that_is_dropped_between_two_pulls_keeps_what_was_pulled(bench: Bench, table: PostgresServer):
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    bench.pull_and_land()
    table.execute("drop table orders")
    with pytest.raises(PullFailed, match=r"there is no table public\.orders, or its user may not read it") as caught:
        bench.pull()
    assert not caught.value.is_transient and len(bench.files) == 1
    assert not bench.land().refusals and len(bench.select_raw("order_id")) == 3
    # Made again, with one order from before and a new one: the next pull goes on.
    table.execute(
        "create table orders (id bigint, updated_at timestamptz, total numeric(12,2))",
        "insert into orders values (3, '2026-03-01 12:00+01', 30.05), (4, '2026-03-02', 4)",
    )
    assert bench.pull().rows == 2 and not bench.land().refusals
    assert [row[0] for row in bench.select_raw("distinct order_id")] == ["1", "2", "3", "4"]


def test_two_pulls_at_once_wait_for_each_other_or_are_refused(bench: Bench, table: PostgresServer):
    """A second run while the first one pulls: it says so before it asks the source, and nothing is pulled twice."""
    slow = "from: src, feeds: orders, columns: {order_id: id, ordered_at: updated_at, net: total}"
    bench.declare(table.url, f"{slow}, query: 'select orders.* from orders, (select pg_sleep(20)) as wait'")
    first = threading.Thread(target=bench.pull)
    with hold_lock(ProgrammeFolder(bench.path), "make nightly"):
        first.start()
        environment = {**os.environ, **bench.environment, "PROGRAMME": str(bench.path)}
        second = subprocess.run(
            [sys.executable, "-m", "orchestration.cli.nightly"],
            cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        said = second.stdout + second.stderr
        assert second.returncode != 0 and "make nightly" in said and "Traceback" not in said, said
        first.join()
    assert len(bench.files) == 1
    assert bench.land().deliveries[0].rows_kept == 3 and bench.pull().files == ()


def test_two_programmes_pull_from_one_table_at_once(bench: Bench, table: PostgresServer, tmp_path: Path):
    other = Bench(tmp_path / "other", bench.environment)
    for one in (bench, other):
        one.declare(table.url, ORDERS)
    with ThreadPoolExecutor() as both:
        assert [pulled.rows for pulled in both.map(lambda one: one.pull(), (bench, other))] == [3, 3]


def test_a_clock_of_ours_that_is_behind_loses_and_doubles_nothing(bench: Bench, table: PostgresServer):
    """All values of the cursor are in the future of these pulls, so each pull asks for everything."""
    bench.now = bench.now.replace(year=2025)
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    bench.pull_and_land()
    table.execute("insert into orders values (4, '2026-03-02', 4)", "update orders set total = 11 where id = 1")
    again = bench.pull()
    assert (again.rows, again.start) == (4, None)
    bench.land()
    nets = bench.select_raw("order_id, max_by(net, _delivery_order) over (partition by order_id)")
    assert set(nets) == {("1", "11.00"), ("2", "20.00"), ("3", "30.05"), ("4", "4.00")}


def test_a_clock_of_the_source_that_is_behind_is_warned_of(bench: Bench, table: PostgresServer):
    """Its newest row is of an hour ahead of its own clock; what it writes now looks older than the overlap."""
    bench.now = datetime.now(UTC)
    table.execute("insert into orders values (4, now() + interval '2 hours', 4)")
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    assert not bench.pull().warnings
    table.execute("insert into orders values (5, now(), 5)")
    [warning] = bench.pull().warnings
    assert "the clock of the source is at" in warning and f"SINCE={datetime.now(UTC):%Y-%m-%d}" in warning
    assert bench.pull(since=datetime.now(UTC).date()).rows == 2


def test_a_server_that_fails_twice_is_asked_a_third_time(
    bench: Bench, table: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pulled, "DELAY", 0.1)
    monkeypatch.setenv("PG_PASSWORD", PASSWORD)
    definition = pulled.build_pulled_asset(Source("src", "orders", "orders"), 1)
    for failing, succeeds in ((2, True), (3, False)):
        with fail_first(table.port, failing) as (port, opened):
            bench.declare(table.url.replace(str(table.port), str(port)), ORDERS)
            done = materialize(
                [definition], resources={"programme": ProgrammeResource(path=str(bench.path))}, raise_on_error=False
            )
        assert done.success is succeeds and opened[0] >= 3 and len(bench.files) == 1
        if succeeds:
            [made] = done.asset_materializations_for_node("pulled__src__orders")
            rows = {name: made.metadata[name].value for name in ("dagster/row_count", "rows_at_source")}
            assert rows == {"dagster/row_count": 3, "rows_at_source": 3}


@contextmanager
def fail_first(port: int, times: int) -> Iterator[tuple[int, list[int]]]:
    """A port in front of a server that closes the first connections; yields it, and how many were opened."""
    opened = [0]

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            opened[0] += 1
            if opened[0] <= times:
                return
            with socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=self.copy, args=(server, self.request), daemon=True)
                back.start()
                self.copy(self.request, server)
                back.join(10)

        @staticmethod
        def copy(source: socket.socket, sink: socket.socket) -> None:
            with suppress(OSError):
                while block := source.recv(65536):
                    sink.sendall(block)
                sink.shutdown(socket.SHUT_WR)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as relay:
        relay.daemon_threads = True
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        yield relay.server_address[1], opened
        relay.shutdown()


def test_rows_that_the_source_counted_and_that_did_not_arrive_stop_the_pull(bench: Bench, table: PostgresServer):
    bench.declare(table.url, ORDERS)
    done = bench.pull()
    assert (done.rows, done.rows_at_source) == (3, 3)
    # It gives one row to whoever counts, and two to whoever reads: a sequence may not move in a read-only session.
    table.execute(
        "create function flicker() returns setof orders language plpgsql as $$ begin"
        " if current_query() ilike '%count(%' then return query select * from orders limit 1;"
        " else return query select * from orders limit 2; end if; end $$"
    )
    bench.declare(table.url, "from: src, query: select * from flicker(), feeds: orders, on_drop: warn")
    with pytest.raises(PullFailed, match=r"the source counted 1 rows, but 2 arrived\. Nothing was loaded"):
        bench.pull()
    assert len(bench.files) == 1


def test_rows_that_are_written_while_a_pull_reads_wait_for_the_next(
    bench: Bench, table: PostgresServer, monkeypatch: pytest.MonkeyPatch
):
    """They are counted and read in one snapshot."""
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    count = databases._count

    def count_then_write(*arguments):
        count(*arguments)
        table.execute("insert into orders values (4, '2026-03-02', 4)")

    monkeypatch.setattr(databases, "_count", count_then_write)
    done = bench.pull()
    assert (done.rows, done.rows_at_source) == (3, 3)
    monkeypatch.setattr(databases, "_count", count)
    assert bench.pull().rows == 3  # and what the overlap of an hour has


MEASURED = """
import resource, sys
from datetime import datetime, UTC
from orchestration.landing.pulling.pull import pull
from orchestration.programme import read_programme
programme = read_programme(sys.argv[1])
done = pull(programme, programme.entries[0])
print(done.rows, done.rows_at_source, len(done.files), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_two_gigabytes_are_pulled_within_one_of_memory(bench: Bench, table: PostgresServer):
    """2,100,000 rows of 1,000 bytes; the second pull finds that nothing is new, which compares all of them."""
    table.execute(
        "create view big as select n::bigint as id, timestamptz '2026-03-01' + n * interval '1 second' as updated_at,"
        " repeat(md5(n::text), 31) as note from generate_series(1, 2100000) as n"
    )
    bench.declare(table.url, "from: src, table: public.big, feeds: orders")
    for new in (1, 0):
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, str(bench.path)],
            cwd=REPOSITORY, env={**os.environ, **bench.environment, "MEMORY_LIMIT": "400MB"}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        rows, counted, files, kilobytes = map(int, done.stdout.split())
        assert (rows, counted, files) == (2_100_000, 2_100_000, new)
        assert kilobytes < 1024**2, f"{kilobytes:,} kB"
    assert bench.query("select count(*), sum(length(note)) from t") == [(2_100_000, 2_100_000 * 992)]
