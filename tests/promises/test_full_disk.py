"""A disk that fills up while a night is at work: the last night stays, and the next run takes up when there is room."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from orchestration.building.standing import read_standing, remember_standing

from orchestration.programme.folder import ProgrammeFolder
from tests.conftest import SLOW, run_nightly
from tests.namespace import in_a_namespace
from tests.promises.disturbing import PHASES, run_on_a_disk_that_fills_up
from tests.promises.whole import Marts, assert_whole, find_litter
from tests.tiny import write_tiny

NET_REVENUE = "select sum(net_revenue) from results.orders"
MORE = "order_id,customer_id,ordered_at,currency,net,discount_codes\n3,cy,2026-03-03 10:00:00,EUR,{net},\n"


def on_a_small_disk(disk: Path, what: str, **environment: str) -> str:
    """Run `what` of this module on a disk of its own of 300 MB; gives what it said."""
    mounted = 'mount -t tmpfs -o size=300m tmpfs "$DISK" && exec "$PYTHON" -m tests.promises.test_full_disk "$WHAT"'
    done = in_a_namespace(mounted, timeout=1200, DISK=str(disk), WHAT=what, **environment)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("phases", ["building,making the night", pytest.param(",".join(PHASES), marks=SLOW)])
def test_a_disk_that_fills_up_keeps_the_last_night_and_loses_nothing(tmp_path: Path, phases: str):
    on_a_small_disk(tmp_path, "fill_in_each", PHASES=phases)


def test_what_stands_cannot_be_written_on_a_full_disk_and_that_is_said(tmp_path: Path):
    """With a primary key, DuckDB 1.5 ended the process instead (it cannot take back a commit to an index)."""
    said = on_a_small_disk(tmp_path, "write_what_stands")
    assert "No space left on device" in said
    assert "still {'a': 'one'}" in said


def write_what_stands(disk: Path) -> None:
    folder = ProgrammeFolder(disk / "programme")
    folder.warehouse.mkdir(parents=True)
    remember_standing(folder, {"a": "one"})
    with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"0" * 2**12)
    try:
        remember_standing(folder, {"a": "two"})
    except duckdb.Error as error:
        print(error)
    print("still", read_standing(folder))


def fill_in_each(disk: Path) -> None:
    phases = os.environ["PHASES"].split(",")
    programme = disk / "programme"
    programme.mkdir()
    write_tiny(programme)
    first = run_nightly(programme)
    assert first.status == 0, first.screen
    published = assert_whole(programme)
    net = 100
    for phase in phases:
        # Orders that are worth more each time: what the night before the full disk published can be told from it.
        net += 1
        (programme / "landing" / f"orders_{net}.csv").write_text(MORE.format(net=net))
        status, said = run_on_a_disk_that_fills_up(programme, phase, disk / "filler")
        print(phase, "→", status, said.strip().splitlines()[-3:], flush=True)
        if status:
            assert "only 0.0 MB of disk are free" in said or "No space left" in said, said
        else:
            assert phase in ("swapping", "at the end"), f"{phase} did not need the disk: {said}"
        assert "Traceback" not in said, said
        assert assert_whole(programme) == published or phase in ("swapping", "at the end")
        if phase == phases[-1] or phase == "making the night":
            published = recover(programme, net)


def recover(programme: Path, net: int) -> Marts:
    """With room again, the next night has all that was delivered meanwhile."""
    night = run_nightly(programme)
    assert night.status == 0, night.screen
    assert find_litter(programme) == []
    assert night.query(NET_REVENUE) == [(100 + net,)]
    return assert_whole(programme)


if __name__ == "__main__":
    {"fill_in_each": fill_in_each, "write_what_stands": write_what_stands}[sys.argv[1]](Path(os.environ["DISK"]))
