"""One run brings everything that an earlier release left up to date: settings, published/, ledger, warehouse, and the
tables that it made in PostgreSQL."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import run_nightly
from tests.nightly.test_moving import hash_marts
from tests.publishing.targets.test_postgres import query, read_as
from tests.servers.postgres import PostgresServer, run_postgres
from tests.tiny import write_tiny

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SETTINGS = """
connections:
  bi_db: {postgres}
publish:
  - {{to: bi_db, schemas: "rr_{{schema}}"}}
"""
OLDER_NAMES = {"version": "night", "versions": "nights", "keep_versions": "keeps_nights"}
NOT_YET_IN_LATEST = {"keys", "not_null", "plan", "project", "restated"}
# A mart that is new, columns that are new, one with another type and one that is gone; rr_meta likewise; and what a
# team made of the marts, which has to stay.
OLDER_TABLES = """
    create view public.revenue as select order_id, net_revenue from rr_results.orders;
    drop table rr_results.paths;
    alter table rr_results.partners drop column roas, add column score int not null default 1;
    alter table rr_results.orders drop column matched_by, alter column is_paid type text;
    drop index rr_results.orders_key;
    comment on table rr_results.orders is 'Orders.';
    alter table rr_meta.version drop column as_of, add column night text not null default 'x';
    update rr_meta.version set version = '2026-01-01T030000Z', marts = array_remove(marts, '"rr_results"."paths"')
"""


def describe_tables(server: PostgresServer) -> dict[str, list[tuple]]:
    """Columns with types and comments of each published table, its indexes, and its rows as text; of rr_meta no rows,
    because they name the version."""
    described = {}
    with read_as(server.url) as cursor:
        tables = [name for (name,) in query(cursor, "select unnest(marts) from rr_meta.version")]
        for table in ['"rr_meta"."version"', *sorted(tables)]:
            columns = query(
                cursor,
                "select attname::text, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum),"
                f" obj_description(attrelid, 'pg_class') from pg_attribute where attrelid = '{table}'::regclass"
                " and attnum > 0 and not attisdropped order by attname",
            )
            indexes = query(
                cursor,
                f"select indexrelid::regclass::text from pg_index where indrelid = '{table}'::regclass order by 1",
            )
            # A column that came later is the last one of a table.
            names = ", ".join(f'"{name}"' for name, *_ in columns)
            rows = [] if "rr_meta" in table else query(cursor, f"select row({names})::text from {table} order by 1")
            described[table] = [*columns, *indexes, *rows]
    return described


def make_older(programme: Path) -> None:
    """What an earlier release would have left, as tests/programme/test_migration.py has it, and its derived files."""
    published = programme / "published"
    (published / "versions").rename(published / "nights")
    latest = json.loads((published / "latest.json").read_text().replace("versions/", "nights/"))
    older = {OLDER_NAMES.get(name, name): value for name, value in latest.items() if name not in NOT_YET_IN_LATEST}
    (published / "latest.json").write_text(json.dumps(older))
    with (programme / "plan.yml").open("a") as plan:
        plan.write("keep_nights: 5\n")
    with closing(sqlite3.connect(programme / "warehouse" / "ledger.sqlite")) as ledger:
        ledger.execute("pragma user_version = 1")
        ledger.commit()
    (programme / "warehouse" / "fingerprint.json").write_text("{}")


def test_one_run_brings_an_earlier_release_up_to_date(tmp_path: Path):
    programme = write_tiny(tmp_path / "programme")
    with run_postgres() as server:
        (programme / "settings.yml").write_text(SETTINGS.format(postgres=server.url))
        first = run_nightly(programme)
        assert first.status == 0, first.screen
        marts, tables = hash_marts(programme), describe_tables(server)
        assert len(tables) == len(marts) + 1 > 30

        make_older(programme)
        with read_as(server.url) as cursor:
            for statement in OLDER_TABLES.split(";"):
                cursor.execute(statement)
        assert describe_tables(server) != tables

        run = run_nightly(programme)
        assert run.status == 0, run.screen
        assert "published/nights/ is now called published/versions/" in run.screen
        assert "keep_nights" not in (programme / "plan.yml").read_text()
        assert "keep_versions: 5" in (programme / "settings.yml").read_text()
        assert len(run.versions) == 2, "the version of the earlier release is kept"
        assert hash_marts(programme) == marts
        assert describe_tables(server) == tables
        with read_as(server.url) as cursor:
            assert query(cursor, "select sum(net_revenue)::text from public.revenue") == [("100.00",)]
            [(version,)] = query(cursor, "select version from rr_meta.version")
        assert version == run.versions[-1].name
