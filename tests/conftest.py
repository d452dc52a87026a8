"""What every test may use: runs of the nightly job, dbt, and fixtures that are made once for all workers of a session."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.runtime.garbage import collect_less_often
from tests.tiny import write_tiny
from tests.warm_process import run_module

REPOSITORY = Path(__file__).parents[1]
SAMPLE = REPOSITORY / "sample" / "programme"
REAL = REPOSITORY.parent / "shared" / "real"
SLOW = pytest.mark.slow
"""For what takes minutes: `make test-slow` runs it, `make test` does not."""
REPEATED = (SLOW, pytest.mark.repeated)
"""For one test many times over: `.ci/run` leaves it out."""

# Files in these folders start whole runs.
LONG = {"nightly", "reliability"}
LONGEST = {"test_fifty_kills.py", "test_incremental.py"}
SHARED_RUNS = ("sample_run", "tiny_run")

collect_less_often()


@pytest.hookimpl(trylast=True)  # when `-m` has taken out what does not run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first, because at the end one worker would wait for the other. First of them are those that make
    the runs that files share; the others that need such a run come last, so that no worker waits for it."""
    long = {item.path for item in items if LONG & set(item.path.parts)}
    need = [{item.path for item in items if run in item.fixturenames} for run in SHARED_RUNS]
    first = {min(long & files) for files in need if long & files}
    waiting = set().union(*need) - first
    items.sort(
        key=lambda item: (
            item.path.name not in LONGEST,
            item.path not in first,
            item.path in waiting,
            item.path not in long,
        )
    )


@dataclass(frozen=True)
class Run:
    """A finished `make nightly`."""

    programme: Path
    status: int
    screen: str

    def query(self, sql: str) -> list[tuple]:
        """Rows of the published marts, read as any plain client would."""
        with duckdb.connect(self.programme / "published" / "marts.duckdb", read_only=True) as marts:
            return marts.execute(sql).fetchall()

    @property
    def versions(self) -> list[Path]:
        return sorted((self.programme / "published" / "versions").iterdir())


# Runs that are compared must report the same day, also when midnight falls between them.
TODAY = date.today().isoformat()
EMPTY_AS_OF = "2026-03-10"


def run_nightly(programme: Path, *arguments: str, **environment: str) -> Run:
    """The nightly job, in a process of its own that has imported all it needs, with Dagster's history in memory."""
    environment = {**os.environ, "PROGRAMME": str(programme), "AS_OF": TODAY, **environment}
    return Run(programme, *run_module("orchestration.cli.nightly", arguments, environment, history_in_memory=True))


def run_with_history(programme: Path, *arguments: str, **environment: str) -> Run:
    """The same, with Dagster's history in the programme's warehouse, as users have it."""
    environment = {**os.environ, "PROGRAMME": str(programme), "AS_OF": TODAY, **environment}
    return Run(programme, *run_module("orchestration.cli.nightly", arguments, environment))


def run_make_nightly(programme: Path, *arguments: str, **environment: str) -> Run:
    """The nightly job exactly as `make nightly` starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.nightly", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PROGRAMME": str(programme), "AS_OF": TODAY, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    return Run(programme, done.returncode, done.stdout + done.stderr)


def run_parsed_dbt(*arguments: str, **environment: str) -> tuple[int, str]:
    """dbt in a process of its own that has imported it, on the project as make has parsed it: exit status and output."""
    return run_module("tests.parsed_project", arguments, {**os.environ, **environment})


def copy_inputs(source: Path, target: Path) -> Path:
    """The parts of a programme that a team owns."""
    target.mkdir(parents=True)
    for name in ("plan.yml", "extracts.yml"):
        shutil.copy2(source / name, target / name)
    shutil.copytree(source / "landing", target / "landing")
    return target


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The session's folder of this name, filled by `make` in the first worker that asks; the others wait for it."""
    base = factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    shared.mkdir(exist_ok=True)
    folder, made = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # another worker's `make` failed
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


def run_once(
    factory: pytest.TempPathFactory, name: str, programme: str, write: Callable[[Path], object], run=run_nightly
) -> Run:
    """One successful run for all workers, on the programme that `write` puts into a folder called `programme`. Tests
    that change the programme need a copy of it."""

    def make(folder: Path) -> None:
        write(folder / programme)
        done = run(folder / programme)
        assert done.status == 0, done.screen
        (folder / "screen.txt").write_text(done.screen)

    folder = make_once(factory, name, make)
    return Run(folder / programme, 0, (folder / "screen.txt").read_text())


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory):
    """The dbt project's compiled SQL (tests/warehouse/bare.py)."""
    from tests.warehouse.bare import CompiledProject, compile_project  # which imports this module

    def compile_in(folder: Path) -> None:
        empty = folder / "programme"
        (empty / "landing").mkdir(parents=True)
        (empty / "plan.yml").write_text("{programme: Nothing yet, currency: EUR, timezone: UTC}\n")
        (empty / "extracts.yml").write_text("extracts: []\n")
        compile_project(empty, folder / "target")

    return CompiledProject(make_once(tmp_path_factory, "compiled", compile_in) / "target")


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run on the smallest programme."""
    return run_once(tmp_path_factory, "tiny", "programme", write_tiny)


@pytest.fixture(scope="session")
def empty_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run on a programme whose files have not come yet."""

    def write(programme: Path) -> None:
        write_tiny(programme)
        shutil.rmtree(programme / "landing")
        (programme / "landing").mkdir()

    return run_once(
        tmp_path_factory, "empty", "programme", write, lambda folder: run_nightly(folder, AS_OF=EMPTY_AS_OF)
    )


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run on a copy of the sample programme, in a folder with a blank and a quote in its name."""
    return run_once(
        tmp_path_factory, "sample", "Jo's programme [1]", lambda folder: copy_inputs(SAMPLE, folder), run_make_nightly
    )
