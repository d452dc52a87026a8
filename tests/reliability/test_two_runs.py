"""Two runs at once on a programme: the second waits, or names the first; the lock of a killed run is free."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dagster import DagsterInstance, DagsterRunStatus, in_process_executor

from orchestration.defs.resources import ProgrammeResource
from orchestration.programme.folder import ProgrammeFolder
from orchestration.runtime.liveness import KILLED, end_killed_runs
from orchestration.runtime.lock import AlreadyRunning, hold_lock
from tests.conftest import REPOSITORY, SLOW, run_nightly
from tests.reliability.two_states import start_tiny, write_state

HOLD = """
import subprocess, sys
from pathlib import Path
from orchestration.runtime.lock import hold_lock
from orchestration.programme.folder import ProgrammeFolder
with hold_lock(ProgrammeFolder(Path(sys.argv[1])), "the other run"):
    child = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path: Path) -> ProgrammeFolder:
    programme = start_tiny(tmp_path / "programme")
    write_state(programme, "first")
    return ProgrammeFolder(programme)


@contextmanager
def another_run(folder: ProgrammeFolder) -> Iterator[subprocess.Popen]:
    """A process that holds the lock, and has a child that outlives it, as a killed run has."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.path)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(process.stdout.readline())
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
        os.kill(child, signal.SIGKILL)


def test_a_second_make_nightly_names_the_run_at_work_and_changes_nothing(folder: ProgrammeFolder):
    with another_run(folder) as process:
        second = run_nightly(folder.path)
    assert second.status == 1
    assert f"the other run (process {process.pid} on " in second.screen
    assert f" UTC) is running on {folder.path}; wait until it has finished, or stop it" in second.screen
    assert sorted(file.name for file in folder.warehouse.iterdir()) == ["run.lock"]
    assert not folder.published.exists()


def test_onboarding_needs_no_lock(folder: ProgrammeFolder, tmp_path: Path):
    export = tmp_path / "requests.csv"
    export.write_text("request_id,partner_id,asked_at\nq1,mira,2026-03-01 10:00:00\n")
    with another_run(folder):
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.cli.onboard", "--add", "--", str(export)],
            cwd=REPOSITORY,
            env={**os.environ, "PROGRAMME": str(folder.path)},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder.landing / "requests.csv").exists()


def test_the_lock_of_a_killed_run_is_free_though_its_text_stays_and_its_child_lives(folder: ProgrammeFolder):
    with another_run(folder) as process:
        process.kill()
        process.wait()
        assert json.loads((folder.warehouse / "run.lock").read_text())["process"] == process.pid
        with hold_lock(folder, "the next"):
            assert json.loads((folder.warehouse / "run.lock").read_text())["process"] == os.getpid()


def test_the_text_that_a_killed_run_left_does_not_name_the_holder_of_the_lock(folder: ProgrammeFolder):
    """The moment between getting the lock and writing who holds it."""
    with another_run(folder) as process:
        dead = subprocess.Popen(["true"])
        dead.wait()
        file = folder.warehouse / "run.lock"
        file.write_text(file.read_text().replace(f'"process": {process.pid}', f'"process": {dead.pid}'))
        with pytest.raises(AlreadyRunning, match="another run is running"), hold_lock(folder, "the next"):
            pass


def test_a_lock_file_that_is_deleted_while_somebody_waits_does_not_give_two_the_lock(
    folder: ProgrammeFolder,
):
    said, got = threading.Event(), threading.Event()

    def wait() -> None:
        with hold_lock(folder, "the second", 600, lambda _: said.set()):
            with pytest.raises(BlockingIOError):
                lock_by_hand(folder.warehouse / "run.lock")
            got.set()

    with another_run(folder) as process:
        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        said.wait(60)
        (folder.warehouse / "run.lock").unlink()
        process.communicate("\n")
        waiting.join(600)
    assert got.is_set()


def lock_by_hand(file: Path) -> None:
    with file.open() as opened:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_process_may_lock_twice_and_unlocks_once(folder: ProgrammeFolder):
    file = folder.warehouse / "run.lock"
    with hold_lock(folder, "outer"):
        with hold_lock(folder, "inner"):
            assert json.loads(file.read_text())["holder"] == "outer"
        with pytest.raises(BlockingIOError):
            lock_by_hand(file)
    lock_by_hand(file)
    assert file.read_text() == ""


# A run of Dagster as the UI, its daemon or `dg launch` start it; it goes on until the file `end` is there.
RUN = """
import sys, time
from pathlib import Path
from dagster import DagsterInstance, Definitions, asset
from orchestration.defs.resources import ProgrammeResource

@asset
def works(programme: ProgrammeResource) -> None:
    folder = programme.folder.path
    (folder / "started").touch()
    while not (folder / "end").exists():
        time.sleep(0.05)

resources = {"programme": ProgrammeResource(path=sys.argv[1])}
job = Definitions([works], resources=resources).resolve_implicit_global_asset_job_def()
with DagsterInstance.from_ref(DagsterInstance.local_temp(sys.argv[1] + "/home").get_ref()) as instance:
    result = job.execute_in_process(instance=instance, raise_on_error=False, run_id=sys.argv[2])
    sys.exit(not result.success)
"""
RUN_ID = "7f5e1c0a-0000-4000-8000-000000000001"


@contextmanager
def run_of_dagster(folder: ProgrammeFolder, **environment: str) -> Iterator[subprocess.Popen]:
    (folder.path / "home").mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder.path), RUN_ID],
        cwd=REPOSITORY,
        env={**os.environ, "PROGRAMME": str(folder.path), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(file: Path, process: subprocess.Popen) -> None:
    while not file.exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)


def test_make_nightly_beside_a_run_of_the_ui_names_that_run(folder: ProgrammeFolder):
    with run_of_dagster(folder) as process:
        wait_for(folder.path / "started", process)
        second = run_nightly(folder.path)
        assert second.status == 1
        assert f"Dagster's run {RUN_ID} (process {process.pid} on " in second.screen
        (folder.path / "end").touch()
        assert process.wait() == 0, process.communicate()[0]
    with hold_lock(folder, "free again"):
        pass


@SLOW
def test_a_run_of_the_ui_beside_make_nightly_logs_that_it_waits(folder: ProgrammeFolder):
    (folder.path / "end").touch()
    with another_run(folder) as other, run_of_dagster(folder) as process:
        for line in process.stdout:
            if "waiting up to 7200 s" in line:
                assert f"the other run (process {other.pid} on " in line
                break
        assert not (folder.path / "started").exists()
        other.communicate("\n")
        assert process.wait() == 0
    assert (folder.path / "started").exists()


@SLOW
def test_a_run_of_the_ui_waits_no_longer_than_the_environment_allows(folder: ProgrammeFolder):
    with another_run(folder), run_of_dagster(folder, WAIT_FOR_OTHER_RUN="1") as process:
        logged, _ = process.communicate()
    assert process.returncode == 1
    assert "the other run (process " in logged and "waited 1 s for it" in logged
    assert not (folder.path / "started").exists()


def test_a_killed_run_is_ended_in_dagsters_history_and_a_live_one_is_not(folder: ProgrammeFolder):
    """Otherwise it is `started` for ever, and the queue of the UI waits for it."""
    with run_of_dagster(folder) as process:
        wait_for(folder.path / "started", process)
        with DagsterInstance.local_temp(str(folder.path / "home")) as instance:
            assert end_killed_runs(instance, folder) == []
            assert instance.get_run_by_id(RUN_ID).status is DagsterRunStatus.STARTED
            process.kill()
            process.wait()
            assert end_killed_runs(instance, folder) == [RUN_ID]
            run = instance.get_run_by_id(RUN_ID)
            assert (run.status, run.tags[KILLED]) == (DagsterRunStatus.FAILURE, "true")
            assert end_killed_runs(instance, folder) == []
    assert list((folder.warehouse / "runs").iterdir()) == []


CREATE = """
import sys
from pathlib import Path
from dagster import DagsterInstance, job
from orchestration.runtime.liveness import hold_liveness_lock
from orchestration.programme.folder import ProgrammeFolder
home, run_id = sys.argv[2:]
@job
def nothing():
    pass
hold_liveness_lock(ProgrammeFolder(Path(sys.argv[1])), run_id)
with DagsterInstance.local_temp(home) as instance:
    instance.create_run_for_job(nothing, run_id=run_id)
"""


def test_a_run_that_was_killed_before_it_started_is_ended_too(folder: ProgrammeFolder):
    """Seen with seed 1 of the fifty kills: Dagster was still writing down what the run was to do."""
    home = folder.path / "home"
    home.mkdir()
    subprocess.run([sys.executable, "-c", CREATE, folder.path, home, RUN_ID], cwd=REPOSITORY, check=True)
    with DagsterInstance.local_temp(str(home)) as instance:
        assert instance.get_run_by_id(RUN_ID).status is DagsterRunStatus.NOT_STARTED
        assert end_killed_runs(instance, folder) == [RUN_ID]
        assert instance.get_run_by_id(RUN_ID).status is DagsterRunStatus.FAILURE


def test_whatever_writes_needs_the_lock_and_runs_in_one_process():
    from orchestration.definitions import defs

    for name in ("nightly", "rebuild", "__ASSET_JOB"):
        job = defs.resolve_job_def(name)
        assert job.executor_def is in_process_executor
        assert {
            node.definition.name for node in job.nodes if "programme" not in node.definition.required_resource_keys
        } == set()
    assert isinstance(defs.resources["programme"], ProgrammeResource)
