"""What an engine says that cannot run here."""

from pathlib import Path

import pytest

from orchestration.programme.engines import DUCKDB
from orchestration.warehouse.engines import EngineUnavailable, choose_engine
from orchestration.warehouse.engines.spark_engine import check_java


def put_java(folder: Path, version: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java.chmod(0o755)
    return folder


def test_duckdb_needs_nothing():
    assert choose_engine(DUCKDB).target == "warehouse"


def test_spark_without_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"needs Java.*apt-get install openjdk-17-jre-headless"):
        check_java()


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_292"])
def test_an_old_java_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str):
    monkeypatch.setenv("JAVA_HOME", str(put_java(tmp_path, version)))
    with pytest.raises(EngineUnavailable, match=r"is version (11|8)\. Install Java 17"):
        check_java()


@pytest.mark.parametrize("version", ["17.0.15", "21"])
def test_a_java_that_spark_runs_on_is_accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str):
    monkeypatch.setenv("JAVA_HOME", str(put_java(tmp_path, version)))
    check_java()
