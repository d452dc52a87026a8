"""The DuckDB file that dbt builds: made, removed, and held by somebody else."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import (
    dbt_environment,
    drop_warehouse,
    make_warehouse,
    read_warehouse,
    warehouse_file,
)


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    folder = ProgrammeFolder(tmp_path / "Jo's [programme]")
    folder.raw.mkdir(parents=True)
    return folder


def fill(folder: ProgrammeFolder) -> Path:
    make_warehouse(folder)
    with duckdb.connect(warehouse_file(folder)) as warehouse:
        warehouse.execute("create table t as select 7 as x")
    return warehouse_file(folder)


def test_a_warehouse_that_is_there_is_not_made_again(folder: ProgrammeFolder):
    fill(folder)
    make_warehouse(folder)
    with read_warehouse(folder) as warehouse:
        assert warehouse.execute("from t").fetchall() == [(7,)]
        with pytest.raises(duckdb.Error):
            warehouse.execute("create table u as select 1")


def test_a_dropped_warehouse_takes_its_log_along(folder: ProgrammeFolder):
    """DuckDB would replay the log into the next file of that name, or refuse to open it."""
    file = fill(folder)
    log = file.with_name("warehouse.duckdb.wal")
    log.write_bytes(os.urandom(300))
    drop_warehouse(folder)
    assert not file.exists() and not log.exists()
    drop_warehouse(folder)
    assert fill(folder).exists()


def test_a_warehouse_that_another_process_holds_can_be_dropped_and_made_again(folder: ProgrammeFolder):
    file = fill(folder)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        with pytest.raises(duckdb.IOException, match="lock"), read_warehouse(folder):
            pass
        drop_warehouse(folder)
        fill(folder)
        holder.stdin.close()
    with read_warehouse(folder) as warehouse:
        assert warehouse.execute("from t").fetchall() == [(7,)]


@pytest.mark.parametrize("name", ["a#b", "a?b", "a b'c"])
def test_dbt_gets_a_path_that_it_does_not_cut(tmp_path: Path, name: str):
    folder = ProgrammeFolder(tmp_path / name)
    folder.warehouse.mkdir(parents=True)
    file = Path(dbt_environment(folder)["WAREHOUSE_FILE"])
    assert not set("#?") & set(str(file))
    assert file.parent.resolve() == folder.warehouse.resolve()
