"""Dagster's home below the warehouse."""

import sqlite3
from pathlib import Path

import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.dagster_home import prepare_home


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProgrammeFolder:
    for name in ("DAGSTER_HOME", "PROGRAMME", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "")
    return ProgrammeFolder(tmp_path)


def write_history(home: Path) -> Path:
    index = home / "event_log.db"
    with sqlite3.connect(index) as connection:
        connection.execute("create table event_logs (id integer)")
    connection.close()
    return index


def test_a_history_that_can_be_read_stays(folder: ProgrammeFolder):
    index = write_history(prepare_home(folder))
    prepare_home(folder)
    assert index.exists()


def test_a_history_that_a_power_cut_damaged_starts_anew(folder: ProgrammeFolder, caplog: pytest.LogCaptureFixture):
    home = prepare_home(folder)
    index = write_history(home)
    index.write_bytes(b"\0" * 4096)
    prepare_home(folder)
    assert not index.exists()
    assert (home / "dagster.yaml").exists()
    assert "is damaged" in caplog.text


def test_dagsters_databases_do_not_wait_for_the_disk(folder: ProgrammeFolder, tmp_path: Path):
    import sqlalchemy

    prepare_home(folder)
    with sqlalchemy.create_engine(f"sqlite:///{tmp_path}/any.db").connect() as connection:
        assert connection.execute(sqlalchemy.text("pragma synchronous")).scalar() == 0


def test_a_history_that_another_process_writes_is_not_taken_for_damaged(
    folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch
):
    index = write_history(prepare_home(folder))
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda database: connect(database, timeout=0))
    with connect(index) as writer:
        writer.execute("begin exclusive")
        prepare_home(folder)
    assert index.exists()
