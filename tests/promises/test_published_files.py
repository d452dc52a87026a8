"""What is copied from the last night is what the warehouse would give; what was written into since is not copied."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest
from orchestration.building.standing import remember_standing

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.publishing import files, tables
from orchestration.publishing.files import find_last
from orchestration.publishing.report import writing
from orchestration.publishing.version import Night, publish_night
from orchestration.publishing.versions import read_latest
from orchestration.warehouse.database import warehouse_file
from tests.promises.nights import build_night, list_marts, start_programme
from tests.promises.whole import assert_whole, read_night

CHANGED, STANDS = "goals.steps", "results.orders"


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    """A published night of 20 rows a mart; since then two marts were written to, of which the build knows of one."""
    folder = start_programme(tmp_path / "programme")
    build_night(folder, 20)
    remember_standing(folder, {mart.unique_id: "as built" for mart in list_marts()})
    publish_night(folder, list_marts())
    [changed] = [mart for mart in list_marts() if mart.table == CHANGED]
    with duckdb.connect(warehouse_file(folder)) as warehouse:
        for table in (CHANGED, STANDS):
            warehouse.execute(f"insert into {table} select * from {table} limit 1")
    remember_standing(folder, {changed.unique_id: "as built anew"})
    return folder


def publish(folder: ProgrammeFolder) -> dict[str, int]:
    """Rows by mart, once the night has been found whole."""
    night: Night = publish_night(folder, list_marts())
    assert_whole(folder.path)
    return night.rows


def read_comments(folder: ProgrammeFolder) -> list[tuple]:
    with duckdb.connect(folder.published_marts, read_only=True) as marts:
        return marts.execute("select table_name, column_name, comment from duckdb_columns() order by all").fetchall()


def test_only_what_changed_is_taken_from_the_warehouse(folder: ProgrammeFolder):
    comments = read_comments(folder)
    assert publish(folder) == dict.fromkeys((mart.table for mart in list_marts()), 20) | {CHANGED: 21}
    assert read_comments(folder) == comments
    assert any(comment for table, _, comment in comments if table == "steps")


def test_of_a_large_mart_only_what_changed_is_written(folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch):
    [orders] = [mart for mart in list_marts() if mart.table == STANDS]
    changes = [
        f"update {STANDS} set order_id = rowid",
        f"update {STANDS} set net_revenue = 7 where order_id = '3'; delete from {STANDS} where order_id = '4'",
    ]
    change_rows, changed = tables.change_rows, []
    monkeypatch.setattr(
        tables, "change_rows", lambda *given: changed.append((given[1], change_rows(*given))) or changed[-1][1]
    )
    for module in (files, tables):
        monkeypatch.setattr(module, "LARGE_ROWS", 5)
    for nth, change in enumerate(changes):
        with duckdb.connect(warehouse_file(folder)) as warehouse:
            warehouse.execute(change)
            expected = warehouse.execute(f"from {STANDS} order by all").fetchall()
        remember_standing(folder, {orders.unique_id: f"as built {nth}"})
        rows = publish(folder)
        night = folder.published / "nights" / read_latest(folder)["night"]
        assert rows[STANDS] == len(expected)
        with duckdb.connect(folder.published_marts, read_only=True) as marts:
            assert marts.execute(f"from {STANDS} order by all").fetchall() == expected
            assert marts.execute(f"from '{night / orders.parquet}' order by all").fetchall() == expected
    # First all rows changed, and it was written whole.
    assert [rows for mart, rows in changed if mart == orders] == [None, len(expected)]


def test_a_database_that_has_grown_much_is_written_anew(folder: ProgrammeFolder):
    last = find_last(folder, list_marts(), read_latest(folder))
    assert last.is_nearly_tonight and last.size == last.size_anew
    publish(folder)
    again = find_last(folder, list_marts(), read_latest(folder))
    assert again.size_anew == last.size_anew
    assert not replace(again, size=2 * last.size_anew).is_nearly_tonight


def test_the_night_after_that_takes_from_it_in_turn(folder: ProgrammeFolder):
    publish(folder)
    last = find_last(folder, list_marts(), read_latest(folder))
    assert last.marts == {mart.table for mart in list_marts()}
    assert publish(folder)[CHANGED] == 21


@pytest.mark.parametrize("file", ["marts.duckdb", "results/orders.parquet"])
def test_a_file_that_somebody_wrote_into_is_not_copied(folder: ProgrammeFolder, file: str):
    """Also where it is as long as it was and its time was set back."""
    written = folder.published / "nights" / read_latest(folder)["night"] / file
    as_published = written.stat()
    written.chmod(0o644)
    content = bytearray(written.read_bytes())
    content[len(content) // 2] ^= 1
    written.write_bytes(content)
    os.utime(written, ns=(as_published.st_atime_ns, as_published.st_mtime_ns))
    written.chmod(as_published.st_mode)
    night = publish_night(folder, list_marts())
    assert night.rows[STANDS] == 21
    read_night(night.folder)


def write_into(folder: ProgrammeFolder) -> None:
    workbook = folder.published / "nights" / read_latest(folder)["night"] / "marts.xlsx"
    workbook.write_bytes(workbook.read_bytes() + b"more")


def count_by_another_model(folder: ProgrammeFolder) -> None:
    plan = folder.path / "plan.yml"
    plan.write_text(plan.read_text().replace("}", ", attribution_model: linear}"))
    write_plan_tables(read_programme(folder.path))


def build_a_mart_anew(folder: ProgrammeFolder) -> None:
    remember_standing(folder, {mart.unique_id: "as built tonight" for mart in list_marts() if mart.table == STANDS})


@pytest.mark.parametrize(
    ("disturb", "is_copied"),
    [(lambda _: None, True), (write_into, False), (count_by_another_model, False), (build_a_mart_anew, False)],
)
def test_the_workbook_is_copied_where_nothing_in_it_is_new(
    folder: ProgrammeFolder,
    disturb: Callable[[ProgrammeFolder], None],
    is_copied: bool,
    monkeypatch: pytest.MonkeyPatch,
):
    publish(folder)
    before = (folder.published / "marts.xlsx").read_bytes()
    disturb(folder)
    with monkeypatch.context() as patched:
        written = Mock(wraps=writing.write_workbook)
        patched.setattr(writing, "write_workbook", written)
        publish(folder)
    assert written.called is not is_copied
    if is_copied:
        assert (folder.published / "marts.xlsx").read_bytes() == before


def test_nothing_is_copied_from_before_somebody_was_forgotten(folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch):
    from orchestration.landing.erased_people import ErasedPeople

    monkeypatch.setattr(
        "orchestration.publishing.version.read_erased_people", lambda _: ErasedPeople(frozenset(), "9999")
    )
    assert publish(folder)[STANDS] == 21


def test_where_much_changed_the_database_is_written_anew(folder: ProgrammeFolder):
    """Else it would grow by what is replaced. Parquet files are copied all the same."""
    marts = list_marts()
    remember_standing(folder, {mart.unique_id: "as built anew" for mart in marts[:6]})
    assert not find_last(folder, marts, read_latest(folder)).is_nearly_tonight


@pytest.mark.parametrize("rows", [None, 5, ["goals.steps"], {"goals.steps": 20}])
def test_a_latest_json_that_does_not_say_what_was_in_it_is_not_taken_from(folder: ProgrammeFolder, rows: object):
    file = folder.published / "latest.json"
    file.write_text(json.dumps(read_latest(folder) | {"rows": rows}))
    assert publish(folder)[STANDS] == 21
