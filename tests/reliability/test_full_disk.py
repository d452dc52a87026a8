"""A disk that fills up during a run: the last version stays, and the next run succeeds once there is room."""

import errno
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import duckdb
import pytest

from orchestration.programme.engines import DUCKDB
from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse import dbt_build
from orchestration.warehouse.database import dbt_environment
from orchestration.warehouse.engines import choose_engine
from tests.conftest import REPOSITORY, SLOW, Run, run_nightly
from tests.namespace import in_a_namespace
from tests.reliability.fixed_marts import count_rows, fill_marts, publish, start_programme
from tests.reliability.interrupted_runs import PHASES, run_while_the_disk_fills_up
from tests.reliability.published_state import Marts, check_published, find_leftovers

NET_REVENUE = "select sum(net_revenue) from results.orders"
MORE = "order_id,customer_id,ordered_at,currency,net,discount_codes\n3,cy,2026-03-03 10:00:00,EUR,{net},\n"


def on_a_small_disk(disk: Path, what: str, **environment: str) -> None:
    """Run `what` of this module on a disk of 300 MB, mounted for it alone."""
    done = in_a_namespace(
        'mount -t tmpfs -o size=300m tmpfs "$DISK" && exec "$PYTHON" -m tests.reliability.test_full_disk "$WHAT"',
        timeout=1200, DISK=str(disk), WHAT=what, **environment,
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


@SLOW
@pytest.mark.repeated
def test_a_disk_that_fills_up_in_any_phase_keeps_the_last_version_and_loses_nothing(tiny_run: Run, tmp_path: Path):
    on_a_small_disk(tmp_path, "fill_in_each_phase", PROGRAMME=str(tiny_run.programme))


def test_publishing_on_a_full_disk_keeps_the_last_version(tmp_path: Path):
    on_a_small_disk(tmp_path, "publish_without_room")


def test_dbt_ends_when_its_messages_cannot_be_written(tiny_run: Run, tmp_path: Path):
    shutil.copytree(tiny_run.programme, tmp_path / "programme")
    command = [sys.executable, "-m", "tests.reliability.test_full_disk", "build_without_log"]
    environment = {**os.environ, "DISK": str(tmp_path)}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (1, "[Errno 28] No space left on device\n"), done.stdout


def build_without_log(disk: Path) -> None:
    """The disk is full as soon as the first model starts."""
    has_started = Event()

    def print_event(event: Any) -> None:
        if event.info.name == "LogStartLine":
            has_started.set()
        if has_started.is_set():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    dbt_build.print_event = print_event
    folder = ProgrammeFolder(disk / "programme")
    os.environ.update(dbt_environment(folder))
    try:
        list(dbt_build.build_nodes(["int_orders_latest"], folder.warehouse / "dbt", choose_engine(DUCKDB)))
    except OSError as error:
        sys.exit(str(error))


def publish_without_room(disk: Path) -> None:
    folder = start_programme(disk / "programme")
    fill_marts(folder, 1)
    publish(folder)
    published = check_published(folder.path)
    fill_marts(folder, 2)
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as opened, suppress(OSError):
        while True:
            opened.write(b"0" * 2**12)
    with pytest.raises((OSError, duckdb.Error), match="No space left"):
        publish(folder)
    assert check_published(folder.path) == published
    filler.unlink()
    publish(folder)
    assert count_rows(folder.published_marts) == 2
    assert find_leftovers(folder.path) == []
    assert check_published(folder.path) != published


def fill_in_each_phase(disk: Path) -> None:
    programme = disk / "programme"
    shutil.copytree(os.environ["PROGRAMME"], programme)
    published = check_published(programme)
    net = 100
    for phase in PHASES:
        # Orders that are worth more each time: what was published before the disk was full can be told from it.
        net += 1
        (programme / "landing" / f"orders_{net}.csv").write_text(MORE.format(net=net))
        status, shown = run_while_the_disk_fills_up(programme, phase, disk / "filler")
        print(phase, "→", status, shown.strip().splitlines()[-3:], flush=True)
        if status:
            assert re.search(r"only 0\.\d MB of disk space are free", shown) or "No space left" in shown, shown
        else:
            assert phase in ("swapping", "at the end"), f"{phase} did not need the disk: {shown}"
        assert "Traceback" not in shown, shown
        assert check_published(programme) == published or phase in ("swapping", "at the end")
        if phase in ("making the version", "at the end"):
            published = recover(programme, net)


def recover(programme: Path, net: int) -> Marts:
    """With room again, the next run publishes all that was delivered meanwhile."""
    run = run_nightly(programme)
    assert run.status == 0, run.screen
    assert find_leftovers(programme) == []
    assert run.query(NET_REVENUE) == [(100 + net,)]
    return check_published(programme)


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(os.environ["DISK"]))
