"""A disk that fills up while a night is at work: the last night stays, and the next run takes up when there is room."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, SLOW, run_nightly
from tests.promises.disturbing import PHASES, run_on_a_disk_that_fills_up
from tests.promises.whole import Marts, assert_whole, find_litter
from tests.tiny import write_tiny

SMALL_DISK = (
    'mount -t tmpfs -o size=300m tmpfs "$DISK" && exec "$PYTHON" -m tests.promises.test_full_disk "$DISK" "$PHASES"'
)
NET_REVENUE = "select sum(net_revenue) from results.orders"
MORE = "order_id,customer_id,ordered_at,currency,net,discount_codes\n3,cy,2026-03-03 10:00:00,EUR,{net},\n"


@pytest.mark.parametrize("phases", ["building,making the night", pytest.param(",".join(PHASES), marks=SLOW)])
def test_a_disk_that_fills_up_keeps_the_last_night_and_loses_nothing(tmp_path: Path, phases: str):
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("a small disk needs user namespaces (unshare -rm), which this machine does not allow")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", SMALL_DISK],
        env={**os.environ, "DISK": str(tmp_path), "PYTHON": sys.executable, "PHASES": phases},
        cwd=REPOSITORY, capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def fill_in_each(disk: Path, phases: list[str]) -> None:
    """In a world of its own: on a disk that holds a programme and nothing else."""
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
    fill_in_each(Path(sys.argv[1]), sys.argv[2].split(","))
