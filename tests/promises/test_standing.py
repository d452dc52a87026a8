"""Tables of a build that was killed are never taken for what was to be built, whatever changed in between and back."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from orchestration.building.standing import forget_standing, read_standing, remember_standing

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import make_pseudonym_key, warehouse_file
from tests.conftest import REPOSITORY
from tests.promises.dying_build import POINTS, build


def build_and_die(folder: ProgrammeFolder, inputs: str, dies: str) -> None:
    command = [sys.executable, "-m", "tests.promises.dying_build", str(folder.path), inputs, dies]
    assert subprocess.run(command, cwd=REPOSITORY).returncode == -signal.SIGKILL


def read_tables(folder: ProgrammeFolder) -> dict[str, str]:
    with duckdb.connect(warehouse_file(folder), read_only=True) as warehouse:
        return {node: warehouse.execute(f"from {node}").fetchone()[0] for node in ("a", "b")}


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    folder = ProgrammeFolder(tmp_path)
    folder.warehouse.mkdir()
    return folder


@pytest.mark.parametrize("dies", POINTS[1:])
def test_inputs_that_change_and_change_back_around_a_kill_end_with_the_tables_of_the_inputs(
    folder: ProgrammeFolder, dies: str
):
    build(folder, "old")
    build_and_die(folder, "new", dies)
    standing = read_standing(folder)
    tables = read_tables(folder)
    assert all(tables[node] == inputs for node, inputs in standing.items()), "what stands is what it says it is"
    build(folder, "old")
    assert read_tables(folder) == {"a": "old", "b": "old"}
    assert read_standing(folder) == {"a": "old", "b": "old"}


def test_what_is_forgotten_stays_forgotten_though_the_process_dies_at_once(folder: ProgrammeFolder):
    remember_standing(folder, {"a": "old", "b": "old"})
    child = f"""
import os, signal
from pathlib import Path
from orchestration.building.standing import forget_standing
from orchestration.programme.folder import ProgrammeFolder
forget_standing(ProgrammeFolder(Path({os.fspath(folder.path)!r})), ["a"])
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", child], cwd=REPOSITORY)
    assert read_standing(folder) == {"b": "old"}


def test_a_rebuild_that_is_killed_leaves_no_log_that_brings_old_tables_back(folder: ProgrammeFolder):
    """The warehouse is deleted while the log of a run that was killed still lies beside it."""
    build(folder, "old")
    build_and_die(folder, "new", "before the file is closed")
    log = warehouse_file(folder).with_name("warehouse.duckdb.wal")
    assert log.stat().st_size > 0
    warehouse_file(folder).unlink()
    assert read_standing(folder) == {}
    forget_standing(folder, [])
    assert read_standing(folder) == {}
    with duckdb.connect(warehouse_file(folder), read_only=True) as warehouse:
        assert warehouse.execute("select table_name from duckdb_tables() order by 1").fetchall() == [
            ("grown",),
            ("standing",),
        ]


def test_a_key_is_made_whole_or_not_at_all(tmp_path: Path):
    """An empty key would make pseudonyms that everybody can compute."""
    file = tmp_path / ".pseudonym_key"
    child = f"""
import os, secrets, signal
from pathlib import Path
secrets.token_hex = lambda _: os.kill(os.getpid(), signal.SIGKILL)
from orchestration.warehouse.database import make_pseudonym_key
make_pseudonym_key(Path({os.fspath(file)!r}))
"""
    assert subprocess.run([sys.executable, "-c", child], cwd=REPOSITORY).returncode == -signal.SIGKILL
    assert not file.exists()
    make_pseudonym_key(file)
    assert len(file.read_text()) == 64
    assert file.stat().st_mode & 0o777 == 0o600
