"""A run that finds everything as the last one left it builds nothing; a change makes it build what changed, or everything."""

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.load import land
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.programme import read_programme
from orchestration.warehouse import fingerprint
from orchestration.warehouse.database import dbt_environment, drop_warehouse, make_warehouse, warehouse_file
from orchestration.warehouse.fingerprint import (
    Build,
    decide_build,
    fingerprint_file,
    is_unchanged,
    remove_fingerprint,
    write_fingerprint,
)
from tests.tiny import ORDERS, PLAN, write_tiny

TODAY = date(2026, 3, 10)


def land_and_plan(folder: ProgrammeFolder, as_of: date = TODAY) -> None:
    """What a run does before it asks whether anything is new."""
    programme = read_programme(folder.path)
    write_plan_tables(programme, as_of)
    assert not land(programme).refusals


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A programme after a run: landed, built, published. The tables in it are not dbt's, and nobody reads them here."""
    folder = ProgrammeFolder(write_tiny(tmp_path_factory.mktemp("published")))
    land_and_plan(folder)
    dbt_environment(folder)
    make_warehouse(folder)
    fill_warehouse(folder)
    folder.versions.mkdir(parents=True)
    duckdb.connect(folder.published_marts).close()
    for name in ("latest.json", "versions/2026-03-10T030000Z/results/daily.parquet"):
        (folder.published / name).parent.mkdir(parents=True, exist_ok=True)
        (folder.published / name).write_text(name)
    return folder.path


def fill_warehouse(folder: ProgrammeFolder) -> None:
    with duckdb.connect(warehouse_file(folder)) as warehouse:
        warehouse.execute("create schema results")
        warehouse.execute("create table results.orders as select range as id, 'x' || range as text from range(100000)")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project of the three folders that count, in place of the repository."""
    repository = tmp_path / "repository"
    for name in (
        "orchestration/landing/load.py",
        "expectations/raw/orders.yml",
        "dbt_project/models/marts/orders.sql",
        "dbt_project/seeds/kpis.csv",
        "docs/reliability.md",
        "uv.lock",
    ):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(name)
    monkeypatch.setattr(fingerprint, "REPOSITORY", repository)
    return repository


@pytest.fixture
def folder(published: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProgrammeFolder:
    """A copy of that programme, whose run is remembered."""
    monkeypatch.delenv("PSEUDONYM_KEY", raising=False)
    shutil.copytree(published, tmp_path / "Jo's [1] programme")
    folder = ProgrammeFolder(tmp_path / "Jo's [1] programme")
    write_fingerprint(folder)
    return folder


def test_a_run_with_the_same_inputs_is_unchanged(folder: ProgrammeFolder):
    for _ in range(2):
        land_and_plan(folder)
        assert is_unchanged(folder)


def test_a_programme_without_a_run_is_new(folder: ProgrammeFolder):
    remove_fingerprint(folder)
    assert not is_unchanged(folder)
    remove_fingerprint(folder)
    assert not is_unchanged(folder)
    write_fingerprint(folder)
    assert is_unchanged(folder)


def correct_order(folder: ProgrammeFolder) -> None:
    """Under a new name, as deliveries come."""
    (folder.landing / "orders_2026-03-09.csv").write_text(ORDERS.replace("40.00", "41.00"))


def deliver_nothing(folder: ProgrammeFolder) -> None:
    (folder.landing / "refunds_2026-03-09.csv").write_text("refund_id,order_id,refunded_at,amount\n")


def forget_customer(folder: ProgrammeFolder) -> None:
    from orchestration.landing.erased_people import add_erased_people

    add_erased_people(folder, ["bo"])


def change_target(folder: ProgrammeFolder) -> None:
    folder.plan_file.write_text(PLAN.replace("target: 100", "target: 101"))


def change_owner_of_a_step(folder: ProgrammeFolder) -> None:
    folder.plan_file.write_text(PLAN.replace("statement: One.", "statement: One., owner: jo@example.com"))


def read_as_snapshot(folder: ProgrammeFolder) -> None:
    text = folder.extracts_file.read_text()
    folder.extracts_file.write_text(text.replace("feeds: codes", "feeds: codes\n    delivery: snapshot"))


def keep_more_versions(folder: ProgrammeFolder) -> None:
    folder.settings_file.write_text("keep_versions: 9\n")


PLAN_CHANGED = "plan.yml changed"
# Each with why the tables of the last run cannot be built upon, None if they can.
CHANGES: dict[str, tuple[Callable[[ProgrammeFolder], None], str | None]] = {
    "a delivery": (correct_order, None),
    "an empty delivery": (deliver_nothing, None),
    "a customer who is erased": (forget_customer, None),  # a run removes the warehouse for it
    "the target of a goal": (change_target, PLAN_CHANGED),
    "the owner of a step": (change_owner_of_a_step, PLAN_CHANGED),
    "the option of an entry": (read_as_snapshot, None),
    "a setting": (keep_more_versions, None),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_delivery_plan_or_setting_makes_a_run_new(folder: ProgrammeFolder, what: str):
    change, full_refresh = CHANGES[what]
    change(folder)
    land_and_plan(folder)
    assert decide_build(folder) == Build(True, full_refresh)
    write_fingerprint(folder)
    assert is_unchanged(folder)


def test_a_new_day_makes_a_run_new(folder: ProgrammeFolder):
    # Of goals that no version has published yet, the first day is today.
    folder.plan_file.write_text(PLAN.split("objectives:")[0])
    land_and_plan(folder)
    write_fingerprint(folder)
    land_and_plan(folder, date(2026, 3, 11))
    assert decide_build(folder) == Build(True)
    land_and_plan(folder)
    assert is_unchanged(folder)


def test_another_key_makes_a_run_new(folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PSEUDONYM_KEY", "a key from the environment")
    assert decide_build(folder) == Build(True, "another pseudonym key")
    monkeypatch.delenv("PSEUDONYM_KEY")
    assert is_unchanged(folder)
    folder.pseudonym_key_file.write_text("another key")
    assert not is_unchanged(folder)


def test_another_engine_makes_a_run_new(folder: ProgrammeFolder):
    folder.settings_file.write_text("engine: spark\n")
    assert decide_build(folder) == Build(True, "another engine")


def test_a_programme_that_was_moved_is_new(folder: ProgrammeFolder, tmp_path: Path):
    """The views on raw name its path."""
    moved = ProgrammeFolder(tmp_path / "moved")
    os.rename(folder.path, moved.path)
    assert decide_build(moved) == Build(True, "the programme was moved")


PROJECT_CHANGES: dict[str, Callable[[Path], object]] = {
    "code": lambda project: (project / "orchestration/landing/load.py").write_text("x"),
    "a model": lambda project: (project / "dbt_project/models/marts/orders.sql").write_text("x"),
    "a suite": lambda project: (project / "expectations/raw/orders.yml").write_text("x"),
    "a new file": lambda project: (project / "dbt_project/models/marts/new.sql").write_text(""),
    "a renamed file": lambda project: os.rename(
        project / "dbt_project/models/marts/orders.sql", project / "dbt_project/models/marts/sales.sql"
    ),
    "a package": lambda project: (project / "uv.lock").write_text("x"),
    "a removed file": lambda project: (project / "dbt_project/seeds/kpis.csv").unlink(),
}


@pytest.mark.parametrize("what", PROJECT_CHANGES)
def test_a_changed_project_makes_a_run_new(folder: ProgrammeFolder, project: Path, what: str):
    PROJECT_CHANGES[what](project)
    assert decide_build(folder) == Build(True, "another version of the project")


def test_what_is_generated_or_documentation_makes_no_run_new(folder: ProgrammeFolder, project: Path):
    for name in (
        "dbt_project/target/manifest.json",
        "dbt_project/logs/dbt.log",
        "orchestration/landing/__pycache__/load.pyc",
        "dbt_project/.user.yml",
        "docs/reliability.md",
        "tests/test_it.py",
    ):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("new")
    assert is_unchanged(folder)


def test_the_real_project_is_part_of_the_fingerprint(monkeypatch: pytest.MonkeyPatch):
    read = b"".join(part if isinstance(part, bytes) else part.encode() for part in fingerprint.read_project())
    for file in (
        "orchestration/warehouse/fingerprint.py",
        "expectations/suites.py",
        "uv.lock",
        "dbt_project/dbt_project.yml",
        "dbt_project/models/marts/results/results__orders.sql",
    ):
        assert file.encode() in read
        assert (fingerprint.REPOSITORY / file).read_bytes() in read


def flip_every_block(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(12_288 + 5_000, len(content), 2**18):
        content[place] ^= 0xFF
    file.write_bytes(content)


def flip_and_set_the_time_back(file: Path) -> None:
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    flip_every_block(file)
    os.utime(file, ns=times)


def put_another_in_its_place(file: Path) -> None:
    """Of the same size and time."""
    other = file.with_name("other")
    shutil.copy2(file, other)
    os.replace(other, file)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "emptied": lambda file: os.truncate(file, 0),
    "garbage": lambda file: file.write_bytes(os.urandom(100_000)),
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "flipped bytes": flip_every_block,
    "flipped bytes under the old time": flip_and_set_the_time_back,
    "of a later DuckDB": lambda file: file.write_bytes(file.read_bytes()[:12] + bytes([99]) + file.read_bytes()[13:]),
    "another file": put_another_in_its_place,
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_warehouse_that_somebody_touched_makes_a_run_new_and_is_made_again(folder: ProgrammeFolder, what: str):
    DAMAGES[what](warehouse_file(folder))
    assert decide_build(folder) == Build(True, "the warehouse is not as the last run left it")
    # As a run then does.
    drop_warehouse(folder)
    make_warehouse(folder)
    fill_warehouse(folder)
    with duckdb.connect(warehouse_file(folder), read_only=True) as warehouse:
        assert warehouse.execute("select count(*) from results.orders").fetchone() == (100_000,)


PUBLISHED = ("latest.json", "marts.duckdb", "versions/2026-03-10T030000Z/results/daily.parquet")


@pytest.mark.parametrize("what", ["removed", "emptied", "garbage", "flipped bytes under the old time", "another file"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_file_that_somebody_touched_makes_a_run_new(folder: ProgrammeFolder, name: str, what: str):
    DAMAGES[what](folder.published / name)
    assert decide_build(folder) == Build(True)


def test_a_file_that_somebody_added_to_what_was_published_makes_a_run_new(folder: ProgrammeFolder):
    (folder.published / "notes.txt").write_text("mine")
    assert not is_unchanged(folder)


def test_a_published_folder_that_was_removed_makes_a_run_new(folder: ProgrammeFolder):
    shutil.rmtree(folder.published)
    assert not is_unchanged(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 60, b"\xff\xfe garbage", b"{", b"[]", b"null", b"{}", b"cut"],
)
def test_a_damaged_fingerprint_makes_a_run_new(folder: ProgrammeFolder, content: bytes):
    file = fingerprint_file(folder)
    file.write_bytes(file.read_bytes()[:-20] if content == b"cut" else content)
    build = decide_build(folder)
    assert build.is_needed and build.full_refresh
    write_fingerprint(folder)
    assert is_unchanged(folder)


def test_a_fingerprint_of_another_release_makes_a_run_new(folder: ProgrammeFolder):
    file = fingerprint_file(folder)
    written = json.loads(file.read_text())
    file.write_text(json.dumps({**written, "format": 2}))
    assert decide_build(folder) == Build(True, "the last run was of another release")
    del written["engine"]
    file.write_text(json.dumps(written))
    assert decide_build(folder) == Build(True, "the last run was of another release")


def test_a_fingerprint_holds_no_key_and_no_name_of_a_customer(folder: ProgrammeFolder):
    text = fingerprint_file(folder).read_text()
    assert folder.pseudonym_key_file.read_text().strip() not in text
    assert not {"ada", "MIRA10"} & set(re.findall(r"\w+", text))
