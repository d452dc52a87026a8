"""Large marts as a Parquet file per month: which files are links to those of the version before."""

import json
import os
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import DBT_PROJECT
from orchestration.publishing import files, months
from orchestration.publishing.files import Written, write_files
from orchestration.publishing.marts import Mart, read_marts
from orchestration.publishing.months import NO_MONTH, VersionBefore, describe_months
from orchestration.warehouse.database import warehouse_file

ORDERS = Mart(
    "model.x.orders", "results", "orders", "Orders.", {"order_id": "Id.", "ordered_on": "Day."}, month_of="ordered_on"
)
ROWS = [("a", "2026-02-28"), ("b", "2026-03-01"), ("c", "2026-03-31"), ("d", None)]


class Programme:
    """A warehouse with one mart, and the versions that are written of it."""

    def __init__(self, path: Path):
        self.path, self.versions = path, [VersionBefore(path / "none", {})]
        (path / "warehouse").mkdir()

    def write(self, rows: list[tuple], kind: str = "date") -> Written:
        folder = ProgrammeFolder(self.path)
        warehouse_file(folder).unlink(missing_ok=True)
        with duckdb.connect(warehouse_file(folder)) as warehouse:
            warehouse.execute(f"create schema results; create table results.orders (order_id text, ordered_on {kind})")
            warehouse.executemany("insert into results.orders values (?, ?)", rows)
        into = self.path / f"version {len(self.versions)}"
        into.mkdir()
        written = write_files(folder, [ORDERS], into, self.versions[-1])
        # As latest.json has it.
        self.versions.append(VersionBefore(into, json.loads(json.dumps(describe_months(written.months)))))
        return written

    def file(self, month: str, nth: int = -1) -> Path:
        [file] = (self.versions[nth].folder / "results" / "orders" / f"month={month}").iterdir()
        return file

    def is_linked(self, month: str) -> bool:
        return self.file(month).stat().st_ino == self.file(month, -2).stat().st_ino


@pytest.fixture
def programme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programme:
    monkeypatch.setattr(files, "PARTITIONED_ROWS", 3)
    return Programme(tmp_path)


def read(files: list[Path]) -> list[tuple]:
    names = [str(file) for file in files]
    found = duckdb.read_parquet(names, hive_partitioning=False)
    assert found.columns == ["order_id", "ordered_on"]
    return duckdb.sql("select order_id, ordered_on::text from found order by 1").fetchall()


def test_a_large_mart_is_a_file_per_month_and_rows_without_a_day_have_their_own(programme: Programme):
    written = programme.write(ROWS)
    folder = programme.versions[-1].folder
    assert sorted(file.name for file in (folder / "results" / "orders").iterdir()) == sorted(
        ["month=2026-02", "month=2026-03", f"month={NO_MONTH}"]
    )
    assert read([folder / file for file in written.parquet["results.orders"]]) == ROWS
    assert read([programme.file("2026-03")]) == ROWS[1:3]
    assert not (folder / "results" / "orders.parquet").exists()
    by_month = duckdb.sql(
        f"select month, count(*) from read_parquet('{folder}/results/orders/*/*') group by 1 order by 1"
    )
    assert by_month.fetchall() == [("2026-02", 1), ("2026-03", 2), (None, 1)]


def test_a_small_mart_is_one_file(programme: Programme):
    written = programme.write(ROWS[:2])
    assert written.parquet == {"results.orders": ["results/orders.parquet"]}
    assert written.months == {}


def test_only_files_of_months_that_changed_are_written(programme: Programme):
    """March has an order more and February none any more; of those without a day nothing is new, in another order."""
    programme.write([*ROWS, ("e", None)])
    written = programme.write([("e", None), ("f", "2026-03-15"), *ROWS[1:]])
    assert programme.is_linked(NO_MONTH) and not programme.is_linked("2026-03")
    assert set(written.months["results.orders"]) == {"2026-03", NO_MONTH}
    files = [programme.versions[-1].folder / file for file in written.parquet["results.orders"]]
    assert read(files) == [("b", "2026-03-01"), ("c", "2026-03-31"), ("d", None), ("e", None), ("f", "2026-03-15")]
    assert read([programme.file("2026-03", -2)]) == ROWS[1:3]


@pytest.mark.parametrize(
    ("row", "instead"),
    [(("c", "2026-03-31"), ("c", "2026-03-30")), (("c", "2026-03-31"), ("b", "2026-03-01"))],
    ids=["one value differs", "a row is there twice"],
)
def test_a_month_with_as_many_rows_but_others_is_written(programme: Programme, row: tuple, instead: tuple):
    programme.write(ROWS)
    programme.write([instead if one == row else one for one in ROWS])
    assert programme.is_linked("2026-02") and not programme.is_linked("2026-03")


def test_a_file_that_somebody_changed_is_not_linked_to(programme: Programme):
    programme.write(ROWS)
    file = programme.file("2026-03")
    file.chmod(0o600)
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    programme.file("2026-02").unlink()
    programme.write(ROWS)
    assert not programme.is_linked("2026-03") and programme.is_linked(NO_MONTH)
    assert read([programme.file("2026-02"), programme.file("2026-03")]) == ROWS[:3]


def test_a_column_of_another_type_is_another_table(programme: Programme):
    programme.write(ROWS)
    programme.write(ROWS, kind="timestamp")
    assert not any(map(programme.is_linked, ("2026-02", "2026-03", NO_MONTH)))


def test_where_the_disk_has_no_links_files_are_copied(programme: Programme, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    programme.write(ROWS)
    monkeypatch.setattr(months.os, "link", refuse)
    programme.write(ROWS)
    assert not programme.is_linked("2026-03")
    assert programme.file("2026-03").read_bytes() == programme.file("2026-03", -2).read_bytes()


def test_files_that_versions_share_are_read_only(programme: Programme):
    programme.write(ROWS)
    programme.write(ROWS)
    assert not os.stat(programme.file("2026-03")).st_mode & 0o222


def test_no_mart_that_is_divided_has_a_column_of_the_folders_name():
    """Readers add `month` to the columns."""
    divided = [mart for mart in read_marts(DBT_PROJECT / "target" / "manifest.json") if mart.month_of]
    assert {mart.table for mart in divided} == {
        "reach.posts", "reach.daily", "results.orders", "results.credits", "results.daily",
    }  # fmt: skip
    assert all(mart.month_of in mart.columns and "month" not in mart.columns for mart in divided)
