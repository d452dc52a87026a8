"""Marts in a real PostgreSQL: one version of all of them at any moment, in tables that stay the same tables."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.programme.connections import Connection
from orchestration.publishing.targets.postgres import Change, publish_to_postgres
from orchestration.publishing.targets.version import PublishedVersion, TargetFailed
from tests.publishing.targets.conftest import Database
from tests.publishing.targets.small_versions import make_version

pytestmark = pytest.mark.servers

VERSIONS = """
    select distinct o.version, p.version, right(v.version, 3)
    from rr_results.orders o cross join rr_reach.posts p cross join rr_meta.version v
"""


@contextmanager
def read_as(url: str, begin: str = "") -> Iterator[Any]:
    """A reader's session, each statement its own transaction unless `begin` opens one."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        if begin:
            cursor.execute(begin)
        yield cursor


def query(cursor: Any, sql: str) -> list[tuple]:
    cursor.execute(sql)
    return cursor.fetchall()


def fetch(database: Database, sql: str) -> list[tuple]:
    with read_as(database.url) as cursor:
        return query(cursor, sql)


def execute(database: Database, *statements: str) -> None:
    with read_as(database.url) as cursor:
        for statement in statements:
            cursor.execute(statement)


def publish(version: PublishedVersion, database: Database, **options: Any) -> dict[str, Change]:
    return {change.table: change for change in publish_to_postgres(version, database.fill(), **options)}


def test_types_constraints_keys_and_comments_are_those_of_the_marts(database: Database, tmp_path: Path):
    publish(make_version(tmp_path, 3), database)
    described = fetch(
        database,
        "select attname::text, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
        " where attrelid = 'rr_results.orders'::regclass and attnum > 0 order by attnum",
    )
    assert described == [
        ("order_id", "bigint", True),
        ("shop", "text", False),
        ("net_revenue", "numeric(18,2)", False),
        ("ordered_at", "timestamp with time zone", False),
        ("ordered_on", "date", False),
        ("is_paid", "boolean", False),
        ("credit_ratio", "double precision", False),
        ("version", "bigint", False),
    ]
    utc = datetime.UTC
    [row] = fetch(database, "select * from rr_results.orders where order_id = 1")
    # 1 × 3 / 7 of EUR, to the cent; hours after ten o'clock UTC.
    assert row == (
        1,
        "eu",
        "0.43",
        datetime.datetime(2026, 3, 1, 11, tzinfo=utc),
        datetime.date(2026, 3, 1),
        False,
        1 / 3.0,
        3,
    )
    assert Decimal(row[2]) == Decimal("0.43")
    assert fetch(database, "select distinct topics, name from rr_reach.posts") == [
        (["tea", None, 'a "b" {,}'], "läçk €")
    ]
    assert fetch(database, "select obj_description('rr_results.orders'::regclass, 'pg_class')") == [
        ("It's results.orders. One row per thing.",)
    ]
    [(index,)] = fetch(database, "select pg_get_indexdef('rr_results.orders_key'::regclass)")
    assert index.endswith("(order_id, shop) NULLS NOT DISTINCT") and "UNIQUE" in index
    assert fetch(database, "select version, programme, currency, as_of::text from rr_meta.version") == [
        ("2026-03-01T030003Z", "Tiny", "EUR", "2026-03-01")
    ]


def test_only_rows_that_differ_are_changed(database: Database, tmp_path: Path):
    same = {
        "results.same": "select i as id, null::varchar as nothing, 'nan'::double as odd, 1 as version from range(9) as t (i)"
    }
    first = publish(make_version(tmp_path, 1, rows=20, marts=same), database)
    assert {name: (change.deleted, change.inserted) for name, change in first.items()} == {
        '"rr_results"."orders"': (0, 20), '"rr_reach"."posts"': (0, 21), '"rr_results"."same"': (0, 9)
    }  # fmt: skip
    second = publish(make_version(tmp_path, 2, rows=15, marts=same), database)
    assert {name: (change.deleted, change.inserted) for name, change in second.items()} == {
        '"rr_results"."orders"': (20, 15), '"rr_reach"."posts"': (21, 16), '"rr_results"."same"': (0, 0)
    }  # fmt: skip
    assert fetch(database, VERSIONS) == [(2, 2, "02Z")]
    assert (
        publish(
            PublishedVersion(tmp_path / "2026-03-01T030002Z", {"version": "2026-03-01T030002Z", "programme": "Tiny"}),
            database,
        )
        == {}
    )


def test_views_and_grants_survive_and_an_open_reader_keeps_its_version(database: Database, tmp_path: Path):
    publish(make_version(tmp_path, 1), database)
    execute(
        database,
        "create view shown as select order_id, version from rr_results.orders",
        "grant usage on schema rr_results to public",
        "grant select on rr_results.orders, shown to public",
    )
    [(before,)] = fetch(database, "select 'rr_results.orders'::regclass::oid::bigint")
    with read_as(database.url, "begin isolation level repeatable read") as reader:
        assert query(reader, VERSIONS) == [(1, 1, "01Z")]
        publish(make_version(tmp_path, 2), database)
        publish(make_version(tmp_path, 3), database)
        assert query(reader, VERSIONS) == [(1, 1, "01Z")], "a transaction sees one version"
        reader.execute("commit")
        assert query(reader, VERSIONS) == [(3, 3, "03Z")]
    assert fetch(database, "select distinct version from shown") == [(3,)]
    assert fetch(database, "select 'rr_results.orders'::regclass::oid::bigint") == [(before,)], "it is the same table"
    assert fetch(database, "select has_table_privilege('public', 'rr_results.orders', 'select')") == [(True,)]


def test_a_dashboard_role_with_default_privileges_reads_new_marts(database: Database, tmp_path: Path):
    execute(
        database,
        "create schema rr_results",
        "alter default privileges in schema rr_results grant select on tables to public",
    )
    publish(make_version(tmp_path, 1), database)
    publish(make_version(tmp_path, 2, marts={"results.late": "select 1 as id, {number} as version"}), database)
    assert fetch(database, "select has_table_privilege('public', 'rr_results.late', 'select')") == [(True,)]


def test_a_column_is_added_dropped_and_changes_its_type(database: Database, tmp_path: Path):
    def make(number: int, columns: str, not_null: tuple[str, ...]) -> PublishedVersion:
        marts = {"results.wide": f"select i as id, {columns}, {{number}} as version from range(5) as t (i)"}
        keys = {"results.wide": ("id",)}
        return make_version(tmp_path, number, marts=marts, keys=keys, not_null={"results.wide": not_null})

    publish(make(1, "1 as old, 1 as changing", ("id", "old")), database)
    execute(database, "create view shown as select id from rr_results.wide")
    publish(make(2, "'x' as changing, 7.5::decimal(18, 2) as new", ("changing", "new")), database)
    assert fetch(
        database,
        "select attname::text, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
        " where attrelid = 'rr_results.wide'::regclass and attnum > 0 and not attisdropped order by attname",
    ) == [
        ("changing", "text", True),
        ("id", "bigint", False),
        ("new", "numeric(18,2)", True),
        ("version", "integer", False),
    ]
    assert fetch(database, "select distinct changing, new, version from rr_results.wide") == [("x", "7.50", 2)]
    assert fetch(database, "select count(*) from shown") == [(5,)]


def test_a_column_that_a_view_needs_is_not_dropped(database: Database, tmp_path: Path):
    publish(make_version(tmp_path, 1), database)
    execute(database, "create view weekly as select name from rr_reach.posts")
    without = make_version(tmp_path, 2, marts={"reach.posts": "select 1::bigint as post_id, 2 as version"})
    with pytest.raises(TargetFailed, match="view weekly depends on column name of table"):
        publish(without, database)
    assert fetch(database, VERSIONS) == [(1, 1, "01Z")]
    execute(database, "drop view weekly")
    publish(without, database)
    assert fetch(database, VERSIONS) == [(2, 2, "02Z")]


def test_a_mart_that_is_gone_is_dropped(database: Database, tmp_path: Path):
    publish(make_version(tmp_path, 1, marts={"goals.old": "select 1 as id, {number} as version"}), database)
    execute(database, "create table rr_goals.mine (id int)")
    publish(make_version(tmp_path, 2), database)
    assert fetch(database, "select tablename::text from pg_tables where schemaname = 'rr_goals'") == [("mine",)]


def test_what_an_earlier_release_published_is_brought_up_to_date(database: Database, tmp_path: Path):
    """Fewer columns, one that is gone, a mart that is new, no indexes and comments, and another rr_meta.version."""
    execute(
        database,
        "create schema rr_results",
        "create table rr_results.orders (order_id bigint, shop text, net_revenue numeric(18,2), score int not null)",
        "insert into rr_results.orders values (7, 'eu', 1.00, 99)",
        "create view shown as select order_id, net_revenue from rr_results.orders",
        "create schema rr_meta",
        "create table rr_meta.version (version text not null, programme text not null, marts text[] not null, night int not null)",
        """insert into rr_meta.version values ('2026-02-01T030000Z', 'Tiny', array['"rr_results"."orders"'], 1)""",
    )
    publish(make_version(tmp_path, 1), database)
    assert fetch(database, VERSIONS) == [(1, 1, "01Z")]
    assert fetch(database, "select count(*) from shown") == [(20,)]
    updated = describe(database)
    execute(database, "drop schema rr_results, rr_reach, rr_meta cascade")
    publish(make_version(tmp_path, 2), database)
    assert updated == describe(database)
    assert len(updated) == 8 + 4 + 7


def describe(database: Database) -> list[tuple]:
    """Columns, constraints, comments and indexes of all published tables."""
    return fetch(
        database,
        "select c.oid::regclass::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class'),"
        " (select array_agg(indexrelid::regclass::text) from pg_index where indrelid = c.oid)"
        " from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relkind = 'r' and c.relnamespace::regnamespace::text like 'rr\\_%' order by 1, 2",
    )


def test_a_reader_that_does_not_leave_is_named_and_the_next_run_catches_up(database: Database, tmp_path: Path):
    publish(make_version(tmp_path, 1), database)
    wider = make_version(tmp_path, 2, marts={"reach.posts": "select 1::bigint as post_id, 2 as version, 3 as extra"})
    with read_as(f"{database.url}?application_name=superset", "begin isolation level repeatable read") as reader:
        assert query(reader, VERSIONS) == [(1, 1, "01Z")]
        with pytest.raises(TargetFailed, match=r"change, and for .* in use by superset of publisher"):
            publish(wider, database, seconds_for_locks=0.1)
        assert query(reader, VERSIONS) == [(1, 1, "01Z")]
    publish(wider, database)
    assert fetch(database, VERSIONS) == [(2, 2, "02Z")]


@pytest.mark.parametrize("schemas", ["rr_{schema}", 'odd "{schema}" name'])
def test_foreign_tables_and_programmes_are_left_alone(database: Database, tmp_path: Path, schemas: str):
    schema = schemas.format(schema="results").replace('"', '""')
    execute(database, f'create schema "{schema}"', f'create table "{schema}".orders (mine int)')
    with pytest.raises(TargetFailed, match="exists and was not published from here"):
        publish(make_version(tmp_path, 1), database, schemas=schemas)
    execute(database, f'drop table "{schema}".orders')
    publish(make_version(tmp_path, 2), database, schemas=schemas)
    with pytest.raises(TargetFailed, match="is of the programme Tiny, not of Other"):
        publish(make_version(tmp_path, 3, programme="Other"), database, schemas=schemas)


def test_a_key_that_is_too_long_for_an_index_has_none(database: Database, tmp_path: Path):
    long = {"reach.posts": "select repeat('é', 3000) as post_id, {number} as version"}
    publish(make_version(tmp_path, 1, marts=long), database)
    assert fetch(database, "select to_regclass('rr_reach.posts_key')::text") == [(None,)]
    publish(
        make_version(tmp_path, 2, marts={"reach.posts": "select 'short' as post_id, {number} as version"}), database
    )
    assert fetch(database, "select to_regclass('rr_reach.posts_key')::text") == [("rr_reach.posts_key",)]


def test_rows_that_break_the_grain_change_nothing(database: Database, tmp_path: Path):
    publish(make_version(tmp_path, 1), database)
    twice = make_version(
        tmp_path, 2, marts={"reach.posts": "select 1::bigint as post_id, i as version from range(2) as t (i)"}
    )
    with pytest.raises(TargetFailed, match="posts_key"):
        publish(twice, database)
    assert fetch(database, VERSIONS) == [(1, 1, "01Z")]


def test_a_server_that_is_down_is_told_without_the_password(tmp_path: Path):
    pytest.importorskip("adbc_driver_postgresql")
    connection = Connection.model_validate("postgresql://me:${PW}@127.0.0.1:1/bi").fill("bi_db", {"PW": "hunter2@/"})
    with pytest.raises(TargetFailed, match="Connection refused") as caught:
        publish_to_postgres(make_version(tmp_path, 1), connection)
    assert "hunter2" not in str(caught.value)
