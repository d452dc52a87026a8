"""A disk that fills up during a run: the last version stays, and the next run succeeds once there is room."""

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import SLOW, Run, run_nightly
from tests.namespace import in_a_namespace
from tests.reliability.interrupted_runs import PHASES, run_while_the_disk_fills_up
from tests.reliability.published_state import Marts, check_published, find_leftovers

NET_REVENUE = "select sum(net_revenue) from results.orders"
MORE = "order_id,customer_id,ordered_at,currency,net,discount_codes\n3,cy,2026-03-03 10:00:00,EUR,{net},\n"


@pytest.mark.parametrize("phases", ["making the version", pytest.param(",".join(PHASES), marks=SLOW)])
def test_a_disk_that_fills_up_keeps_the_last_version_and_loses_nothing(tiny_run: Run, tmp_path: Path, phases: str):
    """On a disk of 300 MB, mounted for this test."""
    done = in_a_namespace(
        'mount -t tmpfs -o size=300m tmpfs "$DISK" && exec "$PYTHON" -m tests.reliability.test_full_disk',
        timeout=1200, DISK=str(tmp_path), PHASES=phases, PROGRAMME=str(tiny_run.programme),
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def fill_in_each(disk: Path, tiny: Path, phases: list[str]) -> None:
    programme = disk / "programme"
    shutil.copytree(tiny, programme)
    published = check_published(programme)
    net = 100
    for phase in phases:
        # Orders that are worth more each time: what was published before the disk was full can be told from it.
        net += 1
        (programme / "landing" / f"orders_{net}.csv").write_text(MORE.format(net=net))
        status, shown = run_while_the_disk_fills_up(programme, phase, disk / "filler")
        print(phase, "→", status, shown.strip().splitlines()[-3:], flush=True)
        if status:
            assert "only 0.0 MB of disk are free" in shown or "No space left" in shown, shown
        else:
            assert phase in ("swapping", "at the end"), f"{phase} did not need the disk: {shown}"
        assert "Traceback" not in shown, shown
        assert check_published(programme) == published or phase in ("swapping", "at the end")
        if phase == phases[-1] or phase == "making the version":
            published = recover(programme, net)


def recover(programme: Path, net: int) -> Marts:
    """With room again, the next run publishes all that was delivered meanwhile."""
    run = run_nightly(programme)
    assert run.status == 0, run.screen
    assert find_leftovers(programme) == []
    assert run.query(NET_REVENUE) == [(100 + net,)]
    return check_published(programme)


if __name__ == "__main__":
    fill_in_each(Path(os.environ["DISK"]), Path(os.environ["PROGRAMME"]), os.environ["PHASES"].split(","))
