"""`make nightly-all`: every programme has its turn, whatever becomes of the others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli import nightly_all
from orchestration.cli.nightly_all import list_programmes, main
from tests.conftest import REPOSITORY


@pytest.fixture
def programmes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("c", "a", "b", ".hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plan.yml").touch()
    (tmp_path / "notes").mkdir()
    monkeypatch.setenv("PROGRAMMES", str(tmp_path))
    return tmp_path


def test_one_that_fails_does_not_stop_the_rest(
    programmes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    ran = []

    def run(programme: Path) -> int:
        ran.append(programme.name)
        return int(programme.name == "a")

    monkeypatch.setattr(nightly_all, "run", run)
    assert main() == 1
    assert ran == ["a", "b", "c"]
    shown = capsys.readouterr().out
    assert "2 of 3 programmes succeeded" in shown
    assert [line.split()[:2] for line in shown.splitlines()[-3:]] == [["a", "FAILED"], ["b", "ok"], ["c", "ok"]]
    monkeypatch.setattr(nightly_all, "run", lambda programme: 0)
    assert main() == 0


def test_stopping_one_stops_all(programmes: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(nightly_all, "run", lambda programme: -15)
    assert main() == 1
    assert capsys.readouterr().out.count("not started") == 2


def test_a_folder_without_programmes_is_told(tmp_path: Path):
    for folder in ("", str(tmp_path)):
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.cli.nightly_all"],
            env={**os.environ, "PROGRAMMES": folder}, cwd=REPOSITORY, capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "") and "make nightly-all PROGRAMMES=/folder" in done.stderr
    assert list_programmes(tmp_path) == []
