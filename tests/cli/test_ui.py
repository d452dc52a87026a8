"""`make ui` shows itself to this machine only, unless told otherwise: Dagster's UI has no passwords."""

import os

import pytest

from orchestration.cli import ui
from tests.tiny import write_tiny


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({}, ["--host", "127.0.0.1", "--port", "3000"]),
        ({"HOST": "", "PORT": ""}, ["--host", "127.0.0.1", "--port", "3000"]),
        ({"PORT": "3001"}, ["--host", "127.0.0.1", "--port", "3001"]),
        ({"HOST": "0.0.0.0", "PORT": "3001"}, ["--host", "0.0.0.0", "--port", "3001"]),
    ],
)
def test_the_ui_is_bound_to_this_machine_unless_told_otherwise(tmp_path, monkeypatch, variables, place):
    for name in ("HOST", "PORT", "PATH", "VIRTUAL_ENV", "DAGSTER_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # which the command sets, restored afterwards
    for name in ("HOST", "PORT"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PROGRAMME", str(write_tiny(tmp_path / "programme")))
    monkeypatch.chdir(tmp_path)
    started = []
    monkeypatch.setattr(os, "execvp", lambda program, arguments: started.append(arguments))
    ui.main([])
    assert started == [["dg", "dev", *place]]
