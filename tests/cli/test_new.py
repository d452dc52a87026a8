"""`make new`: which folder it takes, and how it reports success and failure."""

from pathlib import Path

import pytest

from orchestration.cli.new import main
from tests.conftest import SAMPLE


@pytest.mark.parametrize("written", ["~/a b", "a b"])
def test_a_home_and_a_relative_path_are_resolved(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROGRAMME", written)
    assert main() == 0
    assert (tmp_path / "a b" / "plan.yml").exists()
    assert f"make nightly PROGRAMME='{tmp_path / 'a b'}'" in capsys.readouterr().out
    assert main() == 1


@pytest.mark.parametrize("written", ["", " ", str(SAMPLE)])
def test_without_a_folder_it_asks_for_one(written: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.setenv("PROGRAMME", written)
    assert main() == 1
    assert "make new PROGRAMME=/path/to/folder" in capsys.readouterr().err
