"""`make status`: what needs attention, and the exit status for monitors."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.cli import status
from orchestration.cli.status import find_missed, main
from orchestration.programme.folder import ProgrammeFolder
from tests.tiny import write_tiny

NOW = datetime.now(UTC)
SETTINGS = """
connections: {bi_db: "postgresql://h/d"}
publish: [{to: bi_db}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProgrammeFolder:
    write_tiny(tmp_path / "programme")
    monkeypatch.setenv("PROGRAMME", str(tmp_path / "programme"))
    monkeypatch.setattr(status, "read_last_run", lambda folder: ("nightly", "SUCCESS", NOW, []))
    return ProgrammeFolder(tmp_path / "programme")


def publish(folder: ProgrammeFolder, version: str = "v2") -> None:
    folder.published.mkdir()
    made_at = (NOW - timedelta(hours=5, minutes=1)).isoformat()
    latest = {"version": version, "made_at": made_at, "as_of": "2026-03-01"}
    (folder.published / "latest.json").write_text(json.dumps(latest))


def test_a_programme_that_never_ran_needs_attention(folder: ProgrammeFolder, capsys: pytest.CaptureFixture[str]):
    assert main() == 1
    assert "PROBLEM: nothing is published yet" in capsys.readouterr().out


def test_a_healthy_programme_is_ok(folder: ProgrammeFolder, capsys: pytest.CaptureFixture[str]):
    publish(folder)
    assert main() == 0
    shown = capsys.readouterr().out
    assert "v2, 5 hours ago" in shown and "03:00 Europe/Brussels (schedule: 0 3 * * *)" in shown and "GB free" in shown


def test_failed_runs_and_targets_are_problems(
    folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    publish(folder)
    folder.settings_file.write_text(SETTINGS)
    assert main() == 1
    assert "nothing was published to bi_db yet" in capsys.readouterr().out
    outcome = {"target": "bi_db", "version": "v1", "tried_at": NOW.isoformat(), "problem": "disk full"}
    folder.warehouse.mkdir()
    (folder.warehouse / "targets.json").write_text(json.dumps([outcome]))
    monkeypatch.setattr(status, "read_last_run", lambda folder: ("nightly", "FAILURE", NOW, ["raw/orders: check x"]))
    assert main() == 1
    shown = capsys.readouterr().out
    assert "PROBLEM: the last run failed: raw/orders: check x" in shown
    assert "bi_db: v1" in shown and "PROBLEM: bi_db has not got v2: disk full" in shown


def test_a_mistake_in_a_file_is_a_problem(folder: ProgrammeFolder, capsys: pytest.CaptureFixture[str]):
    folder.settings_file.write_text("schedule: daily\n")
    assert main() == 1
    assert "PROBLEM: settings.yml line 1: schedule is 'daily': it has 1 fields" in capsys.readouterr().out


def test_a_disk_that_is_nearly_full_is_a_problem(
    folder: ProgrammeFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    publish(folder)
    usage = shutil.disk_usage(folder.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    assert main() == 1
    shown = capsys.readouterr().out
    assert "0.0 GB free" in shown and shown.count("PROBLEM:") == 1, shown


def test_a_run_that_did_not_come_is_missed_after_two_hours():
    succeeded_at = datetime(2026, 3, 1, 3, 4, tzinfo=UTC)
    missed = [
        find_missed("0 3 * * *", "UTC", succeeded_at, datetime(2026, 3, 2, hour, 1, tzinfo=UTC)) for hour in (2, 4, 5)
    ]
    assert missed == [None, None, datetime(2026, 3, 2, 3, tzinfo=UTC)]
