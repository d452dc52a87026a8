"""Whole runs that publish to PostgreSQL: a target that fails never keeps a version from other readers, and catches up."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.conftest import TODAY, Run, run_module, run_nightly
from tests.publishing.targets.test_postgres import query, read_as
from tests.servers.postgres import PostgresServer, run_postgres
from tests.servers.s3 import run_store
from tests.tiny import write_tiny

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SETTINGS = """
connections:
  bi_db: {postgres}
  lake: {{url: s3://lake, endpoint_url: "{store}", region: us-east-1, access_key_id: id, secret_access_key: "${{KEY}}"}}
publish:
  - {{to: bi_db, schemas: "rr_{{schema}}"}}
  - {{to: lake, path: marts}}
"""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with run_postgres() as started:
        yield started


def read_version(server: PostgresServer) -> str:
    with read_as(server.url) as cursor:
        [(version,)] = query(cursor, "select version from rr_meta.version")
    return version


def read_newest(programme: Path) -> str:
    return json.loads((programme / "published" / "latest.json").read_text())["version"]


def test_targets_follow_published_and_a_failed_one_catches_up(server: PostgresServer, tmp_path: Path):
    programme = tmp_path / "programme"
    write_tiny(programme)
    with run_store() as store:
        urlopen(Request(f"{store.url}/lake", method="PUT")).close()
        (programme / "settings.yml").write_text(SETTINGS.format(postgres=server.url, store=store.url))

        def run() -> Run:
            return run_nightly(programme, KEY="secret")

        first = run()
        assert first.status == 0, first.screen
        assert f"bi_db has version {read_newest(programme)}" in first.screen
        assert read_version(server) == read_newest(programme)
        assert_equal_marts(programme, server)

        # Down: files and the other target get the version, the run fails and says so.
        server.stop()
        (programme / "landing" / "orders_2026-04-01.csv").write_text(
            "order_id,customer_id,ordered_at,currency,net,discount_codes\n9,cy,2026-03-03 10:00:00,EUR,7.00,\n"
        )
        second = run()
        assert second.status == 1
        newest = read_newest(programme)
        assert f"FAILED. Version {newest} is published." in second.screen, second.screen
        assert "bi_db: " in second.screen and "Connection refused" in second.screen
        assert f"lake has version {newest}" in second.screen
        assert "status" in second.screen, "the goals are shown all the same"

        # Up again, and nothing new: the run brings it up to date.
        server.start()
        third = run()
        assert (third.status, read_newest(programme)) == (0, newest), third.screen
        assert "nothing new" in third.screen
        assert read_version(server) == newest
        assert_equal_marts(programme, server)

        with read_as(server.url) as cursor:
            [(pseudonym,)] = query(cursor, "select customer_id from rr_results.orders where order_id = '9'")
        environment = {**os.environ, "PROGRAMME": str(programme), "CUSTOMER": "cy", "KEY": "secret", "AS_OF": TODAY}
        _, screen = run_module("orchestration.cli.forget", (), environment, history_in_memory=True)
        assert "Erased" in screen, screen
        assert_nowhere(pseudonym, server)
        listed = urlopen(f"{store.url}/lake?prefix=marts/versions/").read().decode()
        assert newest not in listed and read_newest(programme) in listed


def assert_equal_marts(programme: Path, server: PostgresServer) -> None:
    """Row counts of every mart, and net revenue to the cent."""
    run = Run(programme, 0, "")
    rows = json.loads((programme / "published" / "latest.json").read_text())["rows"]
    with read_as(server.url) as cursor:
        assert {mart: query(cursor, f"select count(*) from rr_{mart}")[0][0] for mart in rows} == rows
        [(revenue,)] = query(cursor, "select sum(net_revenue)::text from rr_results.orders")
    assert run.query("select sum(net_revenue)::varchar from results.orders") == [(revenue,)]


def assert_nowhere(pseudonym: str, server: PostgresServer) -> None:
    """Neither in a row of any mart, nor in the planner's statistics."""
    with read_as(server.url) as cursor:
        for (table,) in query(cursor, "select unnest(marts) from rr_meta.version"):
            found = query(cursor, f"select count(*) from {table} as t where t::text like '%{pseudonym}%'")
            assert found == [(0,)], table
        in_statistics = f"select tablename::text from pg_stats where concat(most_common_vals, histogram_bounds) like '%{pseudonym}%'"
        assert query(cursor, in_statistics) == []
