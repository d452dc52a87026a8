"""Dagster's home below the warehouse, with Dagster's own SQLite storages."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from dagster import DagsterEventType, DagsterInstance, job, op

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime import dagster_home
from orchestration.runtime.dagster_home import HistoryNotUsable, prepare_home
from tests.servers.postgres import run_postgres


@op
def work() -> None: ...


@job
def run_once() -> None:
    work()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProgrammeFolder:
    for name in ("DAGSTER_HOME", "PROGRAMME", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")
    return ProgrammeFolder(tmp_path)


def make_history(folder: ProgrammeFolder) -> Path:
    """A home with the history of one run."""
    home = prepare_home(folder)
    with DagsterInstance.get() as instance:
        assert run_once.execute_in_process(instance=instance).success
    return home


def list_databases(home: Path) -> list[str]:
    """Relative paths; the one that is named after its run is `history/runs/<run>.db`."""
    found = [file.relative_to(home).as_posix() for file in home.rglob("*.db")]
    return sorted(name if len(Path(name).stem) < 36 else "history/runs/<run>.db" for name in found)


def find_database(home: Path, name: str) -> Path:
    [file] = home.glob(name.replace("<run>", "*-*-*-*-*"))
    return file


def count_runs(folder: ProgrammeFolder) -> int:
    prepare_home(folder)
    with DagsterInstance.get() as instance:
        return len(instance.get_runs())


DATABASES = ["history/runs.db", "history/runs/<run>.db", "history/runs/index.db", "schedules/schedules.db"]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the history of one run, to be copied: Dagster takes seconds to make its databases."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "PROGRAMME", "DAGSTER_DISABLE_TELEMETRY"):
            patch.setenv(name, "")
        home = make_history(ProgrammeFolder(tmp_path_factory.mktemp("history")))
    assert list_databases(home) == DATABASES, "a new release of Dagster keeps its history elsewhere: see find_damaged()"
    return home


@pytest.fixture
def home(folder: ProgrammeFolder, history: Path) -> Path:
    """A copy of the home with one run."""
    home = folder.warehouse / "dagster"
    shutil.copytree(history, home)
    return home


def test_a_readable_history_stays(folder: ProgrammeFolder, home: Path):
    before = {file: file.stat().st_ino for file in home.rglob("*.db")}
    assert count_runs(folder) == 1
    assert {file: file.stat().st_ino for file in home.rglob("*.db")} == before


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("content", [b"\0" * 4096, b"garbage" * 1000], ids=["zeros", "garbage"])
def test_a_damaged_history_is_removed(
    folder: ProgrammeFolder, home: Path, caplog: pytest.LogCaptureFixture, database: str, content: bytes
):
    damaged = find_database(home, database)
    damaged.write_bytes(content)
    prepare_home(folder)
    assert list_databases(home) == []
    assert (home / "dagster.yaml").exists()
    assert f"{damaged} is damaged" in caplog.text


def test_a_history_that_lost_pages_is_removed_and_dagster_runs_again(
    folder: ProgrammeFolder, home: Path, caplog: pytest.LogCaptureFixture
):
    damaged = find_database(home, "history/runs.db")
    os.truncate(damaged, damaged.stat().st_size // 2)
    make_history(folder)
    assert f"{damaged} is damaged" in caplog.text
    assert list_databases(home) == DATABASES


@pytest.mark.parametrize("database", DATABASES)
def test_a_history_that_another_process_writes_is_not_taken_for_damaged(
    folder: ProgrammeFolder, home: Path, monkeypatch: pytest.MonkeyPatch, database: str
):
    file = find_database(home, database)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path: connect(path, timeout=0))
    with closing(connect(file)) as writer:
        writer.execute("pragma locking_mode = exclusive")
        writer.execute("begin exclusive")
        prepare_home(folder)
    assert list_databases(home) == DATABASES


def test_the_storages_are_dagsters_own(folder: ProgrammeFolder, home: Path):
    prepare_home(folder)
    with DagsterInstance.get() as instance:
        for storage in (instance.run_storage, instance.event_log_storage, instance.schedule_storage):
            assert type(storage).__module__.split(".")[0] == "dagster" and "Sqlite" in type(storage).__name__


@pytest.mark.parametrize("revision", [None, "f495c27d5019", "ffffffffffff"])
def test_a_history_of_another_dagster_is_migrated_or_removed(
    folder: ProgrammeFolder, home: Path, caplog: pytest.LogCaptureFixture, revision: str | None
):
    """The newest revision, the one before it, and one that this Dagster does not know."""
    caplog.set_level("INFO")
    with closing(sqlite3.connect(home / "history" / "runs.db")) as history:
        history.execute("update alembic_version set version_num = coalesce(?, version_num)", [revision])
        history.commit()
    (home / "made_by").write_text("1.0.0")
    runs = count_runs(folder)
    assert runs == (0 if revision == "ffffffffffff" else 1)
    assert ("cannot read its history" if runs == 0 else "Dagster's history was migrated to version") in caplog.text
    with closing(sqlite3.connect(home / "history" / "runs.db")) as history:
        assert history.execute("select version_num from alembic_version").fetchone()[0] != revision


@pytest.mark.servers
def test_a_history_in_postgres_has_runs_events_and_schedules(folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("dagster_postgres", reason="uv sync --inexact --group dagster-postgres")
    monkeypatch.setenv(dagster_home.HISTORY_URL, "")
    with run_postgres() as server:
        url = server.url.replace("postgres@", "postgres:${PW}@")
        folder.plan_file.write_text("programme: Northwind\n")
        folder.settings_file.write_text(f"connections: {{db: '{url}'}}\nhistory: db\n")
        monkeypatch.setenv("PW", "s3cr3t/@")
        home = make_history(folder)
        assert list_databases(home) == [], "no history in files"
        assert "s3cr3t" not in (home / "dagster.yaml").read_text()
        with DagsterInstance.get() as instance:
            [run] = instance.get_runs()
            assert run.is_success
            assert {entry.dagster_event_type for entry in instance.all_logs(run.run_id)} >= {
                DagsterEventType.STEP_SUCCESS,
                DagsterEventType.RUN_SUCCESS,
            }
            storages = {type(storage).__name__ for storage in (instance.run_storage, instance.event_log_storage)}
            assert storages == {"PostgresRunStorage", "PostgresEventLogStorage"}
            assert type(instance.schedule_storage).__name__ == "PostgresScheduleStorage"
        assert count_runs(folder) == 1, "prepared again, it is the same history"
        folder.plan_file.write_text("programme: Southwind\n")
        with pytest.raises(HistoryNotUsable, match="has the history of Northwind, not of Southwind"):
            prepare_home(folder)
    with pytest.raises(HistoryNotUsable, match=r"history db: .*refused") as caught:
        prepare_home(folder)
    assert "s3cr3t" not in str(caught.value)
