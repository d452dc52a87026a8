"""Servers, one of each for all tests of this folder, and a programme that is pulled into."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.load import Landing, land
from orchestration.landing.pulling.pull import pull
from orchestration.landing.pulling.results import Pulled
from orchestration.programme import Programme, read_programme
from tests.servers.postgres import PostgresServer, run_postgres
from tests.servers.processes import PASSWORD

PLAN = "programme: N\ncurrency: EUR\ntimezone: Europe/Brussels\n"
FIRST_NIGHT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Bench:
    """A programme in a temporary folder, whose pulls are a day apart."""

    def __init__(self, path: Path, environment: dict[str, str]):
        self.path, self.environment, self.now = path, environment, FIRST_NIGHT
        (path / "landing").mkdir(parents=True)
        (path / "plan.yml").write_text(PLAN)

    def declare(self, url: str, *entries: str) -> None:
        (self.path / "settings.yml").write_text(f"connections:\n  src: {url}\n")
        (self.path / "extracts.yml").write_text("extracts:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries))

    def read(self) -> Programme:
        return read_programme(self.path)

    def pull(self, number: int = 0, since: date | None = None) -> Pulled:
        programme = self.read()
        pulled = pull(programme, programme.entries[number], since, self.environment, self.now)
        self.now += timedelta(days=1)
        return pulled

    def land(self) -> Landing:
        return land(self.read())

    def pull_and_land(self) -> Landing:
        self.pull()
        return self.land()

    @property
    def files(self) -> list[Path]:
        return sorted(file for file in (self.path / "landing" / "pulled").rglob("*") if file.is_file())

    def query(self, sql: str, *files: Path) -> list[tuple]:
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            names = [str(file) for file in files or self.files]
            connection.execute(
                "create table t as select * from read_parquet($files, union_by_name = true)", {"files": names}
            )
            return connection.execute(sql).fetchall()

    def select_raw(self, columns: str, extract: str = "orders") -> list[tuple]:
        """Rows of raw."""
        return self.query(
            f"select {columns} from t order by all", *(self.path / "warehouse/raw" / extract).glob("*.parquet")
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("servers")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "programme", {"PG_PASSWORD": PASSWORD, "DB_PASSWORD": PASSWORD})


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with run_postgres(password=PASSWORD) as server:
        yield server


@pytest.fixture
def table(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A table `orders` of three orders with a cursor, in a database that is otherwise empty."""
    postgres.execute(
        "drop schema public cascade",
        "create schema public",
        "create table orders (id bigint primary key, updated_at timestamptz, total numeric(12,2))",
        "insert into orders values (1, '2026-03-01 10:00+01', 10.10), (2, '2026-03-01 11:00+01', 20.00),"
        " (3, '2026-03-01 12:00+01', 30.05)",
    )
    yield postgres
