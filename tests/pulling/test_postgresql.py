"""A table or query of a real PostgreSQL: types, cursor, overlap, snapshots, and sources that are not as they were."""

from datetime import date

import pytest

from orchestration.landing.pulling.results import PullFailed
from tests.pulling.conftest import Bench
from tests.servers.postgres import PostgresServer

ORDERS = "from: src, table: public.orders, feeds: orders, columns: {order_id: id, ordered_at: updated_at, net: total}"


def test_types_survive(bench: Bench, table: PostgresServer):
    table.execute(
        "create type mood as enum ('good', 'bad')",
        "create table kinds (a numeric(12,2), b numeric, c timestamptz, d timestamp, e date, f text[], g jsonb, h json,"
        " i uuid, j mood, k boolean, l bigint, m double precision, n int[], o interval, p text, q numeric(38,10), r time)",
        "insert into kinds values (1234.50, 0.1000000000001, '2026-03-01 10:00:00.123456+01', '2026-03-01 10:00',"
        """ '2026-03-01', '{a,"b c"}', '{"x": 1.10}', '{"y": [1, 2]}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'good',"""
        " true, 9007199254740993, 0.5, '{1,2}', '1 day 2 hours', E'line\\nend', 1234567890.0123456789, '10:30')",
        "insert into kinds default values",
    )
    bench.declare(table.url, "from: src, table: kinds, feeds: orders")
    assert bench.pull().rows == 2
    described = {name: kind for name, kind, *_ in bench.query("describe t")}
    assert (
        described["a"] == "DECIMAL(12,2)"
        and described["b"].startswith("DECIMAL")
        and described["q"] == "DECIMAL(38,10)"
    )
    assert described["c"] == "TIMESTAMP WITH TIME ZONE" and described["d"] == "TIMESTAMP" and described["e"] == "DATE"
    assert described["f"] == "VARCHAR[]" and described["g"] == described["h"] == described["i"] == "VARCHAR"
    assert described["k"] == "BOOLEAN" and described["l"] == "BIGINT" and described["m"] == "DOUBLE"
    [row] = bench.query(
        "select a::varchar, b::varchar, c::varchar, d::varchar, f, g, h, i, j, k, l, n::varchar, p, q::varchar, r::varchar"
        " from t where a is not null"
    )
    assert row == (
        "1234.50", "0.1000000000001", "2026-03-01 09:00:00.123456+00", "2026-03-01 10:00:00", ["a", "b c"],
        '{"x": 1.10}', '{"y": [1, 2]}', "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "good", True, 9007199254740993, "1;2",
        "line\nend", "1234567890.0123456789", "10:30:00",
    )  # fmt: skip


def test_types_of_a_query_survive_although_they_differ_from_chunk_to_chunk(
    bench: Bench, table: PostgresServer, monkeypatch
):
    monkeypatch.setattr("orchestration.landing.pulling.databases.CHUNK_ROWS", 2)
    table.execute(
        "create table mixed (id int, amount numeric, seen timestamptz, note jsonb)",
        "insert into mixed values (1, null, null, null), (2, null, null, null), (3, 1.5, '2026-03-01', '{\"a\": 2.50}'),"
        " (4, 12345.6789, null, null), (5, 7, null, null)",
    )
    query = "select id, amount, seen, note, ':x' as colon from mixed where id::text <> '9' order by id"
    bench.declare(table.url, f'from: src, query: "{query}", feeds: orders')
    assert bench.pull().rows == 5
    kinds = {name: kind for name, kind, *_ in bench.query("describe t")}
    assert (
        kinds["amount"] == "DECIMAL(9,4)" and kinds["seen"] == "TIMESTAMP WITH TIME ZONE" and kinds["note"] == "VARCHAR"
    )
    found = bench.query("select amount::varchar, note, colon from t order by id")
    assert found == [
        (None, None, ":x"), (None, None, ":x"), ("1.5000", '{"a": 2.50}', ":x"), ("12345.6789", None, ":x"), ("7.0000", None, ":x"),
    ]  # fmt: skip


def test_a_cursor_pulls_what_is_new_and_an_overlap_late_commits(bench: Bench, table: PostgresServer):
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at, overlap: 30m")
    first = bench.pull()
    assert (first.rows, first.start, first.cursor) == (3, None, "2026-03-01 11:00:00+00:00")
    assert bench.pull().files == ()
    # Order 4 was committed late: its time is before the last one, within the overlap. Order 5 is before the overlap.
    table.execute(
        "insert into orders values (4, '2026-03-01 11:45+01', 4), (5, '2026-03-01 11:15+01', 5), (6, '2026-03-02', 6)"
    )
    second = bench.pull()
    assert second.start == "2026-03-01 10:30:00+00:00"
    [newest] = second.files
    assert bench.query("select id from t order by id", bench.path / newest) == [(3,), (4,), (6,)]
    bench.land()
    # What the overlap delivers twice counts once in staging; raw has both.
    assert [row[0] for row in bench.select_raw("distinct order_id")] == ["1", "2", "3", "4", "6"]


def test_rows_without_a_cursor_value_are_always_pulled(bench: Bench, table: PostgresServer):
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    bench.pull()
    table.execute("insert into orders values (7, null, 7)")
    [file] = bench.pull().files
    assert (7,) in bench.query("select id from t", bench.path / file)


def test_a_time_in_the_future_does_not_hide_later_rows(bench: Bench, table: PostgresServer):
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    table.execute("insert into orders values (9, '2099-01-01', 9)")
    assert bench.pull().cursor == "2026-03-01 11:00:00+00:00"
    table.execute("insert into orders values (10, '2026-03-02 12:00', 10)")
    [file] = bench.pull().files
    assert (10,) in bench.query("select id from t", bench.path / file)


def test_since_pulls_again_from_a_day_on(bench: Bench, table: PostgresServer):
    bench.declare(table.url, f"{ORDERS}, cursor: updated_at")
    bench.pull()
    table.execute("insert into orders values (0, '2026-01-01 12:00', 1), (8, '2026-01-05 12:00', 1)")
    pulled = bench.pull(since=date(2026, 1, 3))
    # Midnight in the programme's time zone.
    assert (pulled.rows, pulled.start) == (4, "2026-01-02 23:00:00+00:00")


def test_a_numeric_cursor_of_a_query(bench: Bench, table: PostgresServer):
    query = "select id, updated_at, total as t from orders where total > 0"
    bench.declare(table.url, f"from: src, query: '{query}', cursor: id, overlap: 1, feeds: orders")
    bench.pull()
    table.execute("insert into orders values (4, now(), 4)")
    pulled = bench.pull()
    assert (pulled.rows, pulled.start, pulled.cursor) == (3, "2", "4")


def test_a_snapshot_sees_deletes_and_an_unchanged_one_is_no_new_file(bench: Bench, table: PostgresServer):
    bench.declare(table.url, ORDERS)
    assert bench.pull().rows == 3
    assert bench.pull().files == ()
    table.execute("delete from orders where id = 3")
    bench.pull()
    landing = bench.land()
    assert [(one.delivery_kind, one.rows_kept) for one in landing.deliveries] == [("snapshot", 3), ("snapshot", 2)]
    assert not landing.refusals and not landing.unclaimed


def test_fewer_rows_than_half_stop_the_run_or_warn(bench: Bench, table: PostgresServer):
    bench.declare(table.url, ORDERS)
    bench.pull()
    table.execute("delete from orders where id > 1")
    with pytest.raises(
        PullFailed, match=r"orders: the source has 1 rows, and had 3 the last time\. Nothing was loaded"
    ):
        bench.pull()
    assert len(bench.files) == 1
    bench.declare(table.url, f"{ORDERS}, on_drop: warn")
    assert bench.pull().warnings == ("orders: the source has 1 rows, and had 3 the last time",)
    table.execute("delete from orders")
    assert bench.pull().warnings and len(bench.files) == 3


def test_an_empty_source_is_warned_of(bench: Bench, table: PostgresServer):
    table.execute("delete from orders")
    bench.declare(table.url, ORDERS)
    assert bench.pull().warnings == ("orders: the source is empty",)
    assert bench.query("describe t")[0][:2] == ("id", "BIGINT")


def test_the_session_is_read_only(bench: Bench, table: PostgresServer):
    # A function can write although the query is a SELECT.
    table.execute("create function spoil() returns int language sql as 'delete from orders; select 1'")
    bench.declare(table.url, "from: src, query: select spoil() as a, feeds: orders")
    with pytest.raises(PullFailed, match="cannot execute DELETE in a read-only transaction"):
        bench.pull()
    bench.declare(table.url, ORDERS)
    assert bench.pull().rows == 3


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("table: public.gone", "there is no table public.gone, or its user may not read it"),
        ("query: select nope from orders", 'column "nope" does not exist'),
        (
            "table: public.orders, cursor: changed_at",
            "has no column 'changed_at', which is its cursor. Its columns are id",
        ),
    ],
)
def test_what_is_not_there_is_named(bench: Bench, table: PostgresServer, entry: str, said: str):
    bench.declare(table.url, f"from: src, {entry}, feeds: orders")
    with pytest.raises(PullFailed) as caught:
        bench.pull()
    assert said in str(caught.value) and not caught.value.is_transient


def test_a_wrong_password_is_shown_nowhere(bench: Bench, table: PostgresServer, caplog: pytest.LogCaptureFixture):
    bench.environment["PG_PASSWORD"] = "wrong-pässword"
    bench.declare(table.url, ORDERS)
    with pytest.raises(PullFailed, match="password authentication failed for user") as caught:
        bench.pull()
    assert not caught.value.is_transient and "wrong-" not in str(caught.value) and "wrong-" not in caplog.text
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    del bench.environment["PG_PASSWORD"]
    with pytest.raises(PullFailed, match="the connection src needs PG_PASSWORD, which the environment lacks"):
        bench.pull()


def test_a_clock_that_was_set_back_does_not_change_the_order(bench: Bench, table: PostgresServer, caplog):
    bench.declare(table.url, ORDERS)
    bench.pull()
    bench.now = bench.now.replace(year=2025)
    table.execute("update orders set total = 99 where id = 1")
    bench.pull()
    assert "was the clock set back?" in caplog.text
    newest = bench.files[-1]
    assert (99,) in bench.query("select total::int from t", newest)
    bench.land()
    [(latest,)] = bench.query(
        "select max_by(_file, _delivery_order) from t", *(bench.path / "warehouse/raw/orders").glob("*.parquet")
    )
    assert latest.endswith(newest.name)
