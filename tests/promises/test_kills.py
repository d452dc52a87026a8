"""Killed at any point: what is published is one whole night, and the next run ends where an undisturbed one does."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orchestration.publishing.version import publish_night
from tests import tiny
from tests.conftest import REPOSITORY, SLOW, Run, run_nightly
from tests.promises.disturbing import PHASES, kill_run
from tests.promises.nights import build_night, list_marts, read_number, start_programme
from tests.promises.whole import Marts, assert_whole, find_litter, find_nights, read_night

KILLS = int(os.environ.get("KILLS", "50"))
EVERY_FEW = 7

PLAN = tiny.PLAN + "lookback_days: 30\n"
EXTRACTS = """\
extracts:
  - {files: landing/orders*.csv, feeds: orders}
  - {files: landing/codes*.csv, feeds: codes}
"""
ONE_MORE = "  - {files: landing/more*.csv, feeds: orders}\n"
MORE = """\
order_id,customer_id,ordered_at,currency,net,discount_codes
1,ada,2026-03-01 10:00:00,EUR,45.00,MIRA10
3,cy,2026-03-03 10:00:00,EUR,80.00,MIRA10
"""


def unfinished_runs(programme: Path) -> list[tuple]:
    with closing(sqlite3.connect(programme / "warehouse" / "dagster" / "history" / "runs.db")) as runs:
        return runs.execute("select run_id, status from runs where status not in ('SUCCESS', 'FAILURE')").fetchall()


def run_whole(programme: Path, *arguments: str) -> Marts:
    run = run_nightly(programme, *arguments)
    assert run.status == 0, run.screen
    assert find_litter(programme) == []
    assert unfinished_runs(programme) == [], "the queue of the UI would wait for runs that were killed"
    return assert_whole(programme)


def test_five_kills_and_a_plan_that_is_changed_and_changed_back(sample_run: Run, tmp_path: Path):
    """Tables of the changed plan must not pass for those of the old one, which is in force again at the end."""
    seed = random.Random(5)
    expected = read_night(sample_run.nights[0])
    programme = tmp_path / "programme"
    shutil.copytree(sample_run.programme, programme)
    plan = programme / "plan.yml"
    was = plan.read_text()
    assert "lookback_days: 30" in was

    plan.write_text(was.replace("lookback_days: 30", "lookback_days: 3"))
    for phase in ("landing", "building"):
        assert kill_run(programme, phase, seed), phase
        assert assert_whole(programme) == expected
    plan.write_text(was)
    for phase in ("promises on marts", "making the night", "swapping"):
        kill_run(programme, phase, seed)
        assert assert_whole(programme) == expected
    assert run_whole(programme) == expected


def write_state(programme: Path, state: str) -> None:
    """Two programmes that differ in the plan and in what is read; each can be gone back to."""
    changed = state == "changed"
    (programme / "plan.yml").write_text(PLAN.replace("lookback_days: 30", "lookback_days: 3") if changed else PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS + ONE_MORE if changed else EXTRACTS)


def start_tiny(programme: Path) -> Path:
    (programme / "landing").mkdir(parents=True)
    for name, content in {
        "orders_2026-03-02.csv": tiny.ORDERS,
        "more_2026-03-04.csv": MORE,
        "codes.csv": tiny.CODES,
    }.items():
        (programme / "landing" / name).write_text(content)
    return programme


@SLOW
def test_fifty_kills_at_any_point_of_nights_and_rebuilds(tmp_path: Path):
    seed = random.Random(int(os.environ.get("SEED", "1")))
    undisturbed, programme = start_tiny(tmp_path / "undisturbed"), start_tiny(tmp_path / "programme")
    known: dict[str, Marts] = {}
    for state in ("first", "changed"):
        write_state(undisturbed, state)
        known[state] = run_whole(undisturbed)
    assert known["first"] != known["changed"]

    shutil.copy(undisturbed / ".pseudonym_key", programme)
    killed = dict.fromkeys(PHASES, 0)
    phases: list[str] = []
    while sum(killed.values()) < KILLS:
        phases = phases or seed.sample(list(PHASES), len(PHASES))
        phase, state = phases.pop(), seed.choice(list(known))
        arguments = ["--rebuild"] if seed.random() < 0.2 else []
        write_state(programme, state)
        killed[phase] += kill_run(programme, phase, seed, *arguments)
        print(sum(killed.values()), phase, state, *arguments, flush=True)
        # The first night of all may have been killed before anything named it.
        if (programme / "published" / "latest.json").exists():
            assert assert_whole(programme) in known.values(), (phase, state)
        if sum(killed.values()) % EVERY_FEW == 0:
            assert run_whole(programme) == known[state], (phase, state)
    for state, expected in known.items():
        write_state(programme, state)
        assert run_whole(programme) == expected
    print(killed)
    # A few may leave a phase out.
    assert KILLS < 50 or min(killed.values()) > 0


class DyingPublisher:
    """Publishes in a process that is killed right before the wanted change of the disk."""

    def __init__(self, programme: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.promises.dying_publisher", str(programme)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def publish(self, dies_before: int = 0) -> str:
        """Gives a letter for each change that was made."""
        self.process.stdin.write(f"{dies_before}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def programme(tmp_path: Path):
    """Two nights, of which the first has to go when the next comes."""
    folder = start_programme(tmp_path / "programme", kept=2)
    for number in (1, 2):
        build_night(folder, number)
        publish_night(folder, list_marts())
    return folder


@pytest.fixture
def publisher(programme) -> Iterator[DyingPublisher]:
    dying = DyingPublisher(programme.path)
    yield dying
    dying.process.communicate()


@pytest.mark.parametrize("each", [3, pytest.param(1000, marks=SLOW)])
def test_publishing_that_is_killed_before_any_change_of_the_disk_leaves_one_whole_night(programme, publisher, each):
    build_night(programme, 3)
    changes = publisher.publish()
    assert read_number(programme.published_marts) == 3
    renamings = [point for point, change in enumerate(changes, start=1) if change == "r"]
    others = [point for point, change in enumerate(changes, start=1) if change != "r"]
    assert len(renamings) > 6, "the night, four files, the pages, and the oldest night that goes"
    seed = random.Random(7)
    chosen = [point for kind in (renamings, others) for point in seed.sample(kind, min(each, len(kind)))]
    published = 3
    for number, point in enumerate(chosen, start=4):
        build_night(programme, number)
        assert len(publisher.publish(dies_before=point)) == point - 1
        assert_whole(programme.path)
        found = read_number(programme.published_marts)
        assert found in (published, number), f"killed before change {point}"
        published = found
    build_night(programme, 1)
    publish_night(programme, list_marts())
    assert_whole(programme.path)
    assert read_number(programme.published_marts) == 1
    assert len(find_nights(programme.path)) == 2
    assert find_litter(programme.path) == []
