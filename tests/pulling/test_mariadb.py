"""A table of a real MariaDB: types, a cursor, a read-only session."""

from collections.abc import Iterator

import pytest

from orchestration.landing.pulling.results import PullFailed
from tests.pulling.conftest import Bench
from tests.servers.mariadb import MariaDB
from tests.servers.processes import make_folder


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDB]:
    with make_folder("mysql") as folder, MariaDB(folder).run() as server:
        yield server


def test_types_and_a_cursor(bench: Bench, mariadb: MariaDB):
    mariadb.execute(
        "create table shop.orders (id bigint unsigned primary key, total decimal(12,2), at datetime(6), day date, note json,"
        " flag tinyint(1), kind enum('a','b'), word varchar(20), ratio double)",
        "insert into shop.orders values (1, 10.10, '2026-03-01 10:00:00.5', '2026-03-01', '{\"x\": 1.10}', 1, 'a', 'é', 0.5),"
        " (18446744073709551615, 20.00, '2026-03-01 12:00:00', null, null, null, null, null, null)",
    )
    bench.declare(mariadb.url, "from: src, table: orders, cursor: at, feeds: orders")
    assert bench.pull().cursor == "2026-03-01 12:00:00"
    kinds = {name: kind for name, kind, *_ in bench.query("describe t")}
    assert kinds["total"] == "DECIMAL(12,2)" and kinds["at"] == "TIMESTAMP" and kinds["day"] == "DATE"
    assert kinds["note"] == "VARCHAR" and kinds["id"].startswith("DECIMAL")
    [row] = bench.query(
        'select id::varchar, total::varchar, "at"::varchar, day::varchar, note, flag, kind, word, ratio from t where flag = 1'
    )
    assert row == ("1", "10.10", "2026-03-01 10:00:00.5", "2026-03-01", '{"x": 1.10}', 1, "a", "é", 0.5)
    mariadb.execute("insert into shop.orders (id, total, at) values (2, 1, '2026-03-02')")
    pulled = bench.pull()
    assert (pulled.rows, pulled.rows_at_source, pulled.start) == (2, 2, "2026-03-01 11:00:00")


def test_the_session_is_read_only(bench: Bench, mariadb: MariaDB):
    mariadb.execute(
        "set global log_bin_trust_function_creators = 1",
        "create table shop.log (a int)",
        "create function shop.spoil() returns int deterministic begin insert into shop.log values (1); return 1; end",
    )
    bench.declare(mariadb.url, "from: src, query: select spoil() as a, feeds: orders")
    with pytest.raises(PullFailed, match="READ ONLY transaction"):
        bench.pull()
