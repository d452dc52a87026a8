"""A programme folder to land files in."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.load import Landing, land
from orchestration.programme import Programme, read_programme

PLAN = "programme: Northwind Coffee\ncurrency: EUR\ntimezone: Europe/Brussels\n"

ORDERS = """\
extracts:
  - files: landing/orders*
    feeds: orders
    columns: {order_id: Order, ordered_at: Date, net: Net}
"""


class Bench:
    """A programme in a temporary folder, its files, and what landing made of them."""

    def __init__(self, path: Path):
        self.path = path
        (path / "landing").mkdir(parents=True)
        self.write("plan.yml", PLAN)
        self.declare(ORDERS)
        self.kpis = path.parent / "kpis.csv"
        self.kpis.write_text("kpi,family\nnet_revenue,result\n")

    def declare(self, extracts: str) -> None:
        self.write("extracts.yml", extracts)

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def read(self) -> Programme:
        return read_programme(self.path, self.kpis)

    def land(self, extracts: set[str] | None = None) -> Landing:
        return land(self.read(), extracts)

    def select(self, columns: str, extract: str = "orders") -> list[tuple]:
        """Rows of raw in the order of their file."""
        return self.query(f"select {columns} from t order by _delivery_order, _row", f"raw/{extract}/*.parquet")

    def select_quarantined(self, columns: str) -> list[tuple]:
        return self.query(f"select {columns} from t order by all", "raw/ledger/quarantine.parquet")

    def query(self, sql: str, files: str) -> list[tuple]:
        with duckdb.connect() as connection:
            found = [str(file) for file in (self.path / "warehouse").glob(files)]
            connection.execute("create table t as select * from read_parquet($files)", {"files": found})
            return connection.execute(sql).fetchall()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / 'a team\'s "own" folder [1]')


@pytest.fixture
def refuse(bench: Bench) -> Callable[[], str]:
    """Land, and give the one refusal."""

    def land_and_refuse() -> str:
        landing = bench.land()
        assert not landing.deliveries
        (refusal,) = landing.refusals
        return str(refusal)

    return land_and_refuse
