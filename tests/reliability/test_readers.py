"""Readers never fail: whoever opens the published marts finds one whole version, also while the next one replaces it."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.goal_versions import read_published_goals
from orchestration.programme.published import open_published
from orchestration.publishing.version_folders import list_versions as list_names
from orchestration.publishing.version_folders import name_version, remove_versions
from tests.conftest import REPEATED
from tests.reliability import reader
from tests.reliability.fixed_marts import count_rows, fill_marts, publish, start_programme
from tests.reliability.published_state import check_published, find_leftovers, list_versions

TIMEOUT = 300


class Client:
    """A reader in a process of its own."""

    def __init__(self, how: str, programme: Path, own: Path):
        self.own = own
        own.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, reader.__file__, how, str(programme / "published"), str(own)],
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_for_another_read(self) -> None:
        """Until a read that was under way has ended, and one more."""
        wanted = self.count_reads() + 2
        give_up_at = time.monotonic() + TIMEOUT
        while self.count_reads() < wanted:
            assert self.process.poll() is None and time.monotonic() < give_up_at, "the reader reads no more"
            time.sleep(0.01)

    def count_reads(self) -> int:
        reads = self.own / "reads"
        return reads.stat().st_size if reads.exists() else 0

    def stop(self) -> dict:
        (self.own / "stop").touch()
        return json.loads(self.process.communicate(timeout=TIMEOUT)[0])


def read_while_publishing(tmp_path: Path, publishes: int) -> dict[str, dict]:
    """What each kind of reader saw. The newest two versions are kept, and a reader never needs more, as long as it ends
    before the version after the next; so each reads at least once between two publishes, however slow it is."""
    folder = start_programme(tmp_path / "programme")
    fill_marts(folder, 1)
    publish(folder, keep_versions=1)
    clients = {how: Client(how, folder.path, tmp_path / how) for how in reader.WAYS}
    for rows in range(2, publishes + 2):
        fill_marts(folder, rows)
        for client in clients.values():
            client.wait_for_another_read()
        publish(folder, keep_versions=1)
    for client in clients.values():
        client.wait_for_another_read()
    assert count_rows(folder.published_marts) == publishes + 1
    assert len(list_versions(folder.path)) == 2
    return {how: client.stop() for how, client in clients.items()}


@pytest.mark.parametrize("publishes", [3, pytest.param(50, marks=REPEATED)])
def test_no_read_fails_and_none_is_mixed(tmp_path: Path, publishes: int):
    seen = read_while_publishing(tmp_path, publishes)
    print(seen)
    for how, of_one in seen.items():
        assert of_one["failed"] == [], how
        assert of_one["mixed"] == [], how
    assert seen["held"]["versions"] == 1, "whoever keeps a connection keeps a version"
    assert seen["newest"]["versions"] == seen["by_name"]["versions"] == publishes + 1, "nobody is shown an old version"


@pytest.fixture
def programme(tmp_path: Path) -> ProgrammeFolder:
    folder = start_programme(tmp_path / "programme")
    fill_marts(folder, 1)
    publish(folder)
    return folder


WRITER = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as marts:
    marts.execute("delete from goals.kpis")
    marts.execute("create table goals.mine as select 1 as one")
    print("written", flush=True)
    sys.stdin.readline()
"""


def open_for_writing(marts: Path) -> subprocess.Popen:
    """A reader who owns the file and makes it writable, though it was published read-only."""
    marts.chmod(0o644)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(marts)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout.readline() == "written\n"
    return writer


def test_marts_are_published_read_only(programme: ProgrammeFolder):
    for marts in (programme.published_marts, list_versions(programme.path)[0] / "marts.duckdb"):
        assert not os.stat(marts).st_mode & 0o222


def test_a_writer_that_is_killed_changes_neither_the_next_version_nor_the_kept_one(programme: ProgrammeFolder):
    writer = open_for_writing(programme.published_marts)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    log = programme.published / "marts.duckdb.wal"
    assert log.exists(), "a killed writer leaves its changes beside the file, where the next to open it would read them"
    fill_marts(programme, 2)
    publish(programme)
    assert not log.exists()
    assert count_rows(programme.published_marts) == 2
    assert [count_rows(version / "marts.duckdb") for version in list_versions(programme.path)] == [1, 2]
    check_published(programme.path)


def test_whoever_holds_the_newest_version_open_for_writing_does_not_stop_the_next(programme: ProgrammeFolder):
    writer = open_for_writing(programme.published_marts)
    with pytest.raises(duckdb.IOException, match="Could not set lock"):
        duckdb.connect(programme.published_marts, read_only=True)
    assert read_published_goals(programme.published_marts) is not None, (
        "earlier versions of the goals are read from there"
    )
    fill_marts(programme, 2)
    publish(programme)
    assert count_rows(programme.published_marts) == 2
    with open_published(programme.published_marts) as marts:
        assert marts.execute("select count(*) from goals.kpis").fetchall() == [(2,)]
    writer.communicate("\n")
    assert count_rows(programme.published_marts) == 2
    assert find_leftovers(programme.path) == []


def test_versions_that_are_made_within_a_second_keep_their_order(tmp_path: Path):
    made_at = datetime(2026, 3, 1, 3, tzinfo=UTC)
    names = []
    for _ in range(12):
        names.append(name_version(made_at, tmp_path))
        (tmp_path / names[-1]).mkdir()
        remove_versions(tmp_path, list_names(tmp_path)[:-2])
    assert names == sorted(set(names))
    assert [version.name for version in sorted(tmp_path.iterdir())] == names[-2:]
