"""A PostgreSQL server for this folder's tests; each test has a database of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from orchestration.programme.connections import Connection, FilledConnection
from tests.servers.postgres import PostgresServer, run_postgres


@dataclass(frozen=True)
class Database:
    """`url` is that of its owner, who is no superuser."""

    server: PostgresServer
    name: str

    @property
    def url(self) -> str:
        return f"postgresql://publisher@127.0.0.1:{self.server.port}/{self.name}"

    def fill(self) -> FilledConnection:
        return Connection.model_validate(self.url).fill("bi_db", {})


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    with run_postgres() as started:
        yield started


@pytest.fixture
def database(server: PostgresServer, request: pytest.FixtureRequest) -> Iterator[Database]:
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi", reason="uv sync --group postgresql")
    name = f"test_{abs(hash(request.node.name)) % 10**9}"
    with dbapi.connect(server.url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("select 1 from pg_roles where rolname = 'publisher'")
        if not cursor.fetchall():
            cursor.execute("create role publisher login")
        cursor.execute(f"create database {name} owner publisher")
    yield Database(server, name)
