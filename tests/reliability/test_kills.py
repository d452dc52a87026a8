"""Runs that are killed at any moment: what is published is one whole version, and the next run needs no repair."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orchestration.landing.pseudonym_key import make_pseudonym_key
from orchestration.programme.folder import ProgrammeFolder
from tests import tiny
from tests.conftest import REPEATED, REPOSITORY, SLOW, Run, run_nightly, run_with_history
from tests.reliability.fixed_marts import count_rows, fill_marts, publish, start_programme
from tests.reliability.interrupted_runs import kill_run
from tests.reliability.published_state import Marts, check_published, find_leftovers, list_versions, read_version


def unfinished_runs(programme: Path) -> list[tuple]:
    with closing(sqlite3.connect(programme / "warehouse" / "dagster" / "history" / "runs.db")) as runs:
        return runs.execute("select run_id, status from runs where status not in ('SUCCESS', 'FAILURE')").fetchall()


def run_to_the_end(programme: Path) -> Marts:
    run = run_with_history(programme)
    assert unfinished_runs(programme) == [], "the queue of the UI would wait for runs that were killed"
    return check_run(run)


def check_run(run: Run) -> Marts:
    assert run.status == 0, run.screen
    assert find_leftovers(run.programme) == []
    return check_published(run.programme)


@SLOW
def test_a_kill_and_a_plan_that_is_changed_and_changed_back(tiny_run: Run, tmp_path: Path):
    """Tables of the changed plan must not pass for those of the old one, which is in force again at the end."""
    programme = tmp_path / "programme"
    shutil.copytree(tiny_run.programme, programme)
    expected = check_published(programme)
    fingerprint = programme / "warehouse" / "fingerprint.json"
    assert fingerprint.exists()

    (programme / "plan.yml").write_text(tiny.PLAN + "lookback_days: 3\n")
    assert kill_run(programme, "building", random.Random(5))
    assert check_published(programme) == expected
    assert not fingerprint.exists()
    (programme / "plan.yml").write_text(tiny.PLAN)
    assert check_run(run_nightly(programme)) == expected


@SLOW
@pytest.mark.repeated
def test_five_kills_on_the_sample_and_a_plan_that_is_changed_and_changed_back(sample_run: Run, tmp_path: Path):
    seed = random.Random(5)
    expected = read_version(sample_run.versions[0])
    programme = tmp_path / "programme"
    shutil.copytree(sample_run.programme, programme)
    plan = programme / "plan.yml"
    was = plan.read_text()
    assert "lookback_days: 30" in was

    plan.write_text(was.replace("lookback_days: 30", "lookback_days: 3"))
    for phase in ("landing", "building"):
        assert kill_run(programme, phase, seed), phase
        assert check_published(programme) == expected
    plan.write_text(was)
    for phase in ("checks on marts", "making the version", "swapping"):
        kill_run(programme, phase, seed)
        assert check_published(programme) == expected
    assert run_to_the_end(programme) == expected


class KilledPublisher:
    """Publishes in a process that is killed right before the wanted change of the disk."""

    def __init__(self, programme: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.killed_publisher", str(programme)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def publish(self, killed_before: int = 0) -> str:
        """Gives a letter for each change that was made."""
        self.process.stdin.write(f"{killed_before}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def programme(tmp_path: Path) -> ProgrammeFolder:
    """Two versions, of which the first is removed when the next comes."""
    folder = start_programme(tmp_path / "programme")
    for rows in (1, 2):
        fill_marts(folder, rows)
        publish(folder, keep_versions=2)
    return folder


@pytest.fixture
def publisher(programme: ProgrammeFolder) -> Iterator[KilledPublisher]:
    publisher = KilledPublisher(programme.path)
    yield publisher
    publisher.process.communicate()


@pytest.mark.parametrize("each", [pytest.param(3, marks=SLOW), pytest.param(1000, marks=REPEATED)])
def test_publishing_that_is_killed_before_any_change_of_the_disk_leaves_one_whole_version(
    programme: ProgrammeFolder, publisher: KilledPublisher, each: int
):
    fill_marts(programme, 3)
    changes = publisher.publish()
    assert count_rows(programme.published_marts) == 3
    renames = [point for point, change in enumerate(changes, start=1) if change == "r"]
    others = [point for point, change in enumerate(changes, start=1) if change != "r"]
    assert len(renames) > 6, "the version, four files, the pages, and the oldest version that goes"
    seed = random.Random(7)
    chosen = [point for kind in (renames, others) for point in seed.sample(kind, min(each, len(kind)))]
    published = 3
    for rows, point in enumerate(chosen, start=4):
        fill_marts(programme, rows)
        assert len(publisher.publish(killed_before=point)) == point - 1
        check_published(programme.path)
        found = count_rows(programme.published_marts)
        assert found in (published, rows), f"killed before change {point}"
        published = found
    fill_marts(programme, 1)
    publish(programme, keep_versions=2)
    check_published(programme.path)
    assert count_rows(programme.published_marts) == 1
    assert len(list_versions(programme.path)) == 2
    assert find_leftovers(programme.path) == []


def test_a_key_is_written_completely_or_not_at_all(tmp_path: Path):
    """An empty key would make pseudonyms that everybody can compute."""
    file = tmp_path / ".pseudonym_key"
    child = f"""
import os, secrets, signal
from pathlib import Path
secrets.token_hex = lambda _: os.kill(os.getpid(), signal.SIGKILL)
from orchestration.landing.pseudonym_key import make_pseudonym_key
make_pseudonym_key(Path({os.fspath(file)!r}))
"""
    assert subprocess.run([sys.executable, "-c", child], cwd=REPOSITORY).returncode == -signal.SIGKILL
    assert not file.exists()
    make_pseudonym_key(file)
    assert len(file.read_text()) == 64
    assert file.stat().st_mode & 0o777 == 0o600
