"""Connections to DuckDB that see their folders and nothing else."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.connections import connect, seal
from orchestration.warehouse.database import warehouse_file
from tests.conftest import REPOSITORY


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    folder = ProgrammeFolder(tmp_path / "Jo's [programme]")
    folder.warehouse.mkdir(parents=True)
    return folder


def test_a_sealed_connection_sees_its_folders_and_nothing_else(folder: ProgrammeFolder, tmp_path: Path):
    (folder.path / "in").mkdir()
    (folder.path / "in" / "a.csv").write_text("x\n1\n")
    (tmp_path / "secret.csv").write_text("x\n1\n")
    (folder.path / "in" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with connect(folder.path / "in") as connection:
        inside = str(folder.path / "in" / "a.csv").replace("'", "''").replace("[", "[[]")
        assert connection.execute(f"select x from read_csv('{inside}')").fetchall() == [(1,)]
        for hostile in (
            "select * from read_text('/etc/passwd')",
            f"select * from read_csv('{tmp_path}/secret.csv')",
            f"select * from read_csv('{inside.replace('a.csv', '../../secret.csv')}')",
            f"select * from read_csv('{inside.replace('a.csv', 'link.csv')}')",
            f"copy (select 1) to '{tmp_path}/stolen.csv'",
            f"attach '{tmp_path}/stolen.duckdb'",
            "install httpfs",
            "load httpfs",
            "select * from read_csv('https://example.org/x.csv')",
            "set enable_external_access = true",
            "set allowed_directories = ['/']",
            "set memory_limit = '1TB'",
            "set lock_configuration = false",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(hostile)
    assert not list(tmp_path.glob("stolen*"))


def test_a_sealed_database_stays_sealed(tmp_path: Path):
    with duckdb.connect() as connection:
        seal(connection, tmp_path)
        seal(connection, Path("/"))
        with pytest.raises(duckdb.PermissionException):
            connection.execute("select * from read_text('/etc/passwd')")


def test_dbt_builds_in_a_sealed_database(folder: ProgrammeFolder):
    spec = importlib.util.spec_from_file_location("sealed", REPOSITORY / "dbt_project/plugins/sealed.py")
    sealed = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sealed)
    assert "- module: sealed" in (REPOSITORY / "dbt_project/profiles.yml").read_text()
    plugin = sealed.Plugin("sealed", {}, SimpleNamespace(path=str(warehouse_file(folder))))
    with duckdb.connect(warehouse_file(folder)) as connection:
        plugin.configure_connection(connection)
        connection.execute("create table t as select 1")
        for hostile in ("from read_text('/etc/passwd')", "load httpfs", "set enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                connection.execute(hostile)
