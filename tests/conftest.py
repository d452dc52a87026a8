"""What every test may use: programmes in temporary folders, and the nightly run as users start it."""

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

REPOSITORY = Path(__file__).parents[1]
SAMPLE = REPOSITORY / "sample" / "programme"
REAL = REPOSITORY.parent / "shared" / "real"
SLOW = pytest.mark.skipif(not os.environ.get("SLOW"), reason="takes many minutes: SLOW=1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay together, and all that look at the sample's night, so that it is run once; files with whole nights
    come first, because at the end one of two workers would wait for the other."""
    on_sample = {item.path for item in items if "sample_run" in item.fixturenames}
    for item in items:
        item.add_marker(pytest.mark.xdist_group("sample" if item.path in on_sample else str(item.path)))
    items.sort(key=lambda item: not {"nightly", "promises"} & set(item.path.parts))


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
    def nights(self) -> list[Path]:
        return sorted((self.programme / "published" / "nights").iterdir())


RunNightly = Callable[..., Run]


# Nights that are compared must answer for the same day, also when midnight falls between them.
TODAY = date.today().isoformat()


def run_nightly(programme: Path, *arguments: str, **environment: str) -> Run:
    """Run the nightly job in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli.nightly", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PROGRAMME": str(programme), "AS_OF": TODAY, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    return Run(programme, done.returncode, done.stdout + done.stderr)


def run_dbt(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """dbt as data engineers start it, in its own folder."""
    return subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", *arguments],
        cwd=REPOSITORY / "dbt_project",
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def copy_inputs(source: Path, target: Path) -> Path:
    """The parts of a programme that a team owns."""
    target.mkdir(parents=True)
    for name in ("plan.yml", "extracts.yml"):
        shutil.copy2(source / name, target / name)
    shutil.copytree(source / "landing", target / "landing")
    return target


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One night on a copy of the sample programme, in a folder with a blank and a quote in its name."""
    run = run_nightly(copy_inputs(SAMPLE, tmp_path_factory.mktemp("sample") / "Jo's programme [1]"))
    assert run.status == 0, run.screen
    return run
