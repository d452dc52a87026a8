"""Files of a published version that somebody wrote into: the next run publishes what the warehouse has."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.erased_people import ErasedPeople
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.published import read_latest
from orchestration.warehouse.database import warehouse_file
from tests.reliability.fixed_marts import count_rows, fill_marts, list_marts, publish, start_programme
from tests.reliability.published_state import check_published, list_versions, read_version


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    """A published version of 20 rows a mart."""
    folder = start_programme(tmp_path / "programme")
    fill_marts(folder, 20)
    publish(folder)
    return folder


def write_into(file: Path) -> None:
    """Its size and its time are as they were afterwards."""
    as_published = file.stat()
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(as_published.st_atime_ns, as_published.st_mtime_ns))
    file.chmod(as_published.st_mode)


def test_files_that_somebody_wrote_into_are_replaced(folder: ProgrammeFolder):
    first = list_versions(folder.path)[0]
    for name in ("marts.duckdb", "marts.xlsx", "report.html", "results/orders.parquet"):
        write_into(first / name)
    for name in ("marts.duckdb", "marts.xlsx", "report.html"):
        write_into(folder.published / name)
    fill_marts(folder, 21)
    second = publish(folder)
    assert second.rows == dict.fromkeys((mart.table for mart in list_marts()), 21)
    read_version(second.folder)
    assert count_rows(folder.published_marts) == 21
    for name in ("marts.duckdb", "marts.xlsx", "report.html"):
        assert (folder.published / name).read_bytes() == (second.folder / name).read_bytes()


@pytest.mark.parametrize("content", ["[]", '{"rows": null, "versions": [5]}'])
def test_a_latest_json_that_somebody_wrote_into_is_replaced(folder: ProgrammeFolder, content: str):
    (folder.published / "latest.json").write_text(content)
    fill_marts(folder, 21)
    second = publish(folder)
    check_published(folder.path)
    latest = json.loads((folder.published / "latest.json").read_text())
    assert latest["version"] == second.name
    assert latest["rows"] == second.rows == dict.fromkeys((mart.table for mart in list_marts()), 21)
    assert latest["versions"] == [path.name for path in list_versions(folder.path)]
    assert len(latest["versions"]) == 2


def test_latest_json_says_which_closed_months_the_version_changes_and_why(folder: ProgrammeFolder):
    """The order of March is another partner's than in the version before."""
    fill_marts(folder, 1)
    first = publish(folder)
    with duckdb.connect(warehouse_file(folder)) as warehouse:
        warehouse.execute("update results.orders set partner_id = 'bo' where partner_id = 'ana'")
    restated = {"since": first.name, "months": {"2026-03": "1 order credited otherwise"}, "problem": None}
    assert asdict(publish(folder).restated) == restated
    latest = read_latest(folder)
    assert latest["restated"] == restated
    assert latest["plan"]["lookback_days"] == 30
    assert asdict(publish(folder).restated) == {"since": latest["version"], "months": {}, "problem": None}


def test_no_version_is_kept_from_before_somebody_was_erased(folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "orchestration.publishing.publish.read_erased_people", lambda _: ErasedPeople(frozenset(), "9999")
    )
    second = publish(folder)
    assert [path.name for path in list_versions(folder.path)] == [second.name]
    assert read_latest(folder)["versions"] == [second.name]
    check_published(folder.path)
