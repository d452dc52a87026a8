"""What is built anew: exactly what descends from something that changed."""

from pathlib import Path

import duckdb
import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.fingerprint import fingerprint_nodes, fingerprint_project
from tests.orchestration.sources import MANIFEST, write_sources

SOURCES = sorted(source for source in MANIFEST["sources"] if ".ledger." not in source)


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    folder = write_sources(tmp_path)
    write_ledger(folder, [("orders", "d1", True)])
    return folder


def write_ledger(folder: ProgrammeFolder, rows: list[tuple[str, str, bool]]) -> None:
    values = ", ".join(f"('{extract}', '{delivery}', {is_current})" for extract, delivery, is_current in rows)
    file = folder.raw / "ledger" / "deliveries.parquet"
    duckdb.sql(f"select * from (values {values}) t(extract, delivery_id, is_current)").write_parquet(str(file))


def find_changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    assert before.keys() == after.keys()
    return {node for node in before if before[node] != after[node]}


def find_descendants(source: str) -> set[str]:
    found: set[str] = set()
    waiting = [source]
    while waiting:
        children = set(MANIFEST["child_map"].get(waiting.pop(), ())) - found
        waiting += children
        found |= children
    return {node for node in found if node.split(".")[0] in ("model", "test")}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_that_changes_changes_its_descendants_and_nothing_else(folder: ProgrammeFolder, source: str):
    before = fingerprint_nodes(MANIFEST, folder)
    described = MANIFEST["sources"][source]
    if described["source_name"] == "raw":
        (folder.raw / described["name"] / "delivery.parquet").write_bytes(b"new")
    else:
        (folder.raw / described["source_name"] / f"{described['name']}.parquet").write_bytes(b"new")
    assert find_changed(before, fingerprint_nodes(MANIFEST, folder)) == find_descendants(source)


def test_a_delivery_that_holds_no_longer_changes_what_reads_its_extract(folder: ProgrammeFolder):
    before = fingerprint_nodes(MANIFEST, folder)
    write_ledger(folder, [("orders", "d1", False)])
    changed = find_changed(before, fingerprint_nodes(MANIFEST, folder))
    assert changed == find_descendants("source.reach_and_results.raw.orders") | {
        node for node in find_descendants("source.reach_and_results.ledger.deliveries") if not reads_raw(node)
    }


def reads_raw(node: str) -> bool:
    parents = MANIFEST["parent_map"].get(node, ())
    return any(".raw." in parent or reads_raw(parent) for parent in parents)


def test_a_model_that_moves_to_another_folder_is_another_project(
    folder: ProgrammeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project = tmp_path / "project"
    monkeypatch.setattr("orchestration.warehouse.fingerprint.DBT_PROJECT", project)
    model = project / "models" / "results" / "one.sql"
    model.parent.mkdir(parents=True)
    model.write_text("select 1")
    before = fingerprint_project(folder)
    assert fingerprint_project(folder) == before
    (project / "models" / "goals").mkdir()
    model.rename(project / "models" / "goals" / "one.sql")
    assert fingerprint_project(folder) != before


def test_a_programme_that_was_moved_is_built_anew(folder: ProgrammeFolder, tmp_path: Path):
    """The views on raw name its folder."""
    before = fingerprint_nodes(MANIFEST, folder)
    moved = ProgrammeFolder(tmp_path.with_name(f"{tmp_path.name} moved"))
    tmp_path.rename(moved.path)
    assert find_changed(before, fingerprint_nodes(MANIFEST, moved)) == before.keys()


def test_nothing_new_changes_nothing_and_another_key_everything(folder: ProgrammeFolder):
    before = fingerprint_nodes(MANIFEST, folder)
    assert fingerprint_nodes(MANIFEST, folder) == before
    folder.pseudonym_key_file.write_text("another key")
    assert find_changed(before, fingerprint_nodes(MANIFEST, folder)) == before.keys()
