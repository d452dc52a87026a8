"""A row or a cent that is lost or made between a delivery and raw is found and named."""

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.load import land
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import read_programme
from orchestration.warehouse.recount import count_deliveries

EXTRACTS = """\
extracts:
  - {files: landing/orders*, feeds: orders, decimal: ","}
  - {files: landing/refunds*, feeds: refunds}
"""
ORDERS = """\
order_id;ordered_at;net;gross;tax
1;2026-03-01;1.234,50;1.300,00;
2;2026-03-02;0,01;1;0,00
3;2026-03-02;much;1;0,00
"""


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("landed")
    (path / "landing").mkdir()
    (path / "plan.yml").write_text("{programme: P, currency: EUR, timezone: UTC}\n")
    (path / "extracts.yml").write_text(EXTRACTS.replace('decimal: ","', 'decimal: ",", delimiter: ";"'))
    (path / "landing" / "orders.csv").write_text(ORDERS)
    (path / "landing" / "refunds.csv").write_text("refund_id,order_id,refunded_at,amount\nr,1,2026-03-05,4.50\n")
    land(read_programme(path))
    return path


@pytest.fixture
def folder(landed: Path, tmp_path: Path) -> ProgrammeFolder:
    shutil.copytree(landed, tmp_path / "p")
    return ProgrammeFolder(tmp_path / "p")


def tamper(folder: ProgrammeFolder, query: str, extract: str = "orders") -> None:
    [file] = [file for file in (folder.raw / extract).glob("*.parquet") if file.name != "_empty.parquet"]
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from read_parquet('{file}')")
        connection.execute(f"copy ({query}) to '{file}' (format parquet)")


def test_every_delivered_row_is_counted(folder: ProgrammeFolder):
    counted = count_deliveries(folder)
    assert counted.problems == []
    assert counted.totals == {
        "deliveries": 2,
        "rows_read": 4,
        "rows_kept": 3,
        "rows_quarantined": 1,
        "rows_dropped": 0,
        "rows_forgotten": 0,
    }


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        # 1,234.50 + 0.01 + 1,300.00 + 1.00 = 2,535.51
        (
            "select * replace (case order_id when '1' then '1.234,51' else net end as net) from t",
            "its amounts add up to 2,535.51, but raw has 2,535.52: +0.01",
        ),
        ("from t where order_id = '1'", "2 rows kept, but raw has 1: -1"),
        ("from t union all from t", "2 rows kept, but raw has 4: +2"),
    ],
)
def test_a_cent_or_a_row_that_changed_in_raw_is_named(folder: ProgrammeFolder, query: str, problem: str):
    assert count_deliveries(folder).problems == []
    tamper(folder, query)
    for _ in range(2):
        assert f"orders ← landing/orders.csv: {problem}" in count_deliveries(folder).problems


def test_a_raw_file_that_is_damaged_or_no_delivery_is_named(folder: ProgrammeFolder):
    [file] = [file for file in (folder.raw / "orders").glob("*.parquet") if file.name != "_empty.parquet"]
    shutil.copy(file, file.with_name("stranger.parquet"))
    file.write_bytes(file.read_bytes()[:-50])
    stranger, damaged = count_deliveries(folder).problems
    assert stranger == "warehouse/raw/orders/stranger.parquet is not a delivery in the ledger"
    assert damaged == f"orders ← landing/orders.csv: its file in raw, orders/{file.name}, cannot be read"


def test_a_row_that_is_missing_from_quarantine_is_named(folder: ProgrammeFolder):
    [file] = (folder.warehouse / "quarantine" / "orders").glob("*.parquet")
    duckdb.sql(f"create or replace temp table q as from read_parquet('{file}') limit 0")
    duckdb.sql(f"copy (from q) to '{file}' (format parquet)")
    assert count_deliveries(folder).problems == [
        "orders ← landing/orders.csv: 1 rows quarantined, but quarantine has 0"
    ]
