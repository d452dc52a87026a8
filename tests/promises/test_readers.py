"""Readers never fail: whoever opens the published marts finds one whole night, also while the next is put in its place."""

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
from orchestration.programme.published_marts import open_published

from orchestration.programme.goal_versions import read_published_goals
from orchestration.publishing.version import publish_night
from orchestration.publishing.versions import list_nights, name_night, remove_nights
from tests.conftest import SLOW
from tests.promises import reader
from tests.promises.nights import build_night, list_marts, read_number, start_programme
from tests.promises.whole import assert_whole, find_litter, find_nights

PATIENCE = 300


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
        """Until a read that was under way has come to its end, and one more."""
        wanted = self.count_reads() + 2
        give_up_at = time.monotonic() + PATIENCE
        while self.count_reads() < wanted:
            assert self.process.poll() is None and time.monotonic() < give_up_at, "the reader reads no more"
            time.sleep(0.01)

    def count_reads(self) -> int:
        reads = self.own / "reads"
        return reads.stat().st_size if reads.exists() else 0

    def stop(self) -> dict:
        (self.own / "stop").touch()
        return json.loads(self.process.communicate(timeout=PATIENCE)[0])


def read_while_publishing(tmp_path: Path, publishes: int) -> dict[str, dict]:
    """What each kind of reader saw. One night is kept: a reader never needs more than the one before, as long as it
    comes to an end before the night after the next; so each has its turn between two publishes, however slow."""
    folder = start_programme(tmp_path / "programme", kept=1)
    build_night(folder, 1)
    publish_night(folder, list_marts())
    clients = {how: Client(how, folder.path, tmp_path / how) for how in reader.WAYS}
    for number in range(2, publishes + 2):
        build_night(folder, number)
        for client in clients.values():
            client.wait_for_another_read()
        publish_night(folder, list_marts())
    for client in clients.values():
        client.wait_for_another_read()
    assert read_number(folder.published_marts) == publishes + 1
    assert len(find_nights(folder.path)) == 2
    return {how: client.stop() for how, client in clients.items()}


@pytest.mark.parametrize("publishes", [4, pytest.param(50, marks=SLOW)])
def test_no_read_fails_and_none_is_mixed(tmp_path: Path, publishes: int):
    seen = read_while_publishing(tmp_path, publishes)
    print(seen)
    for how, of_one in seen.items():
        assert of_one["failed"] == [], how
        assert of_one["mixed"] == [], how
    assert seen["held"]["nights"] == 1, "whoever keeps a connection keeps a night"
    assert seen["newest"]["nights"] == seen["by_name"]["nights"] == publishes + 1, "nobody is shown an old night"


@pytest.fixture
def programme(tmp_path: Path):
    folder = start_programme(tmp_path / "programme")
    build_night(folder, 1)
    publish_night(folder, list_marts())
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
    """A reader who owns the file and is not to be deterred: it was published read-only."""
    marts.chmod(0o644)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(marts)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout.readline() == "written\n"
    return writer


def test_marts_are_published_read_only(programme):
    for marts in (programme.published_marts, find_nights(programme.path)[0] / "marts.duckdb"):
        assert not os.stat(marts).st_mode & 0o222


def test_whoever_writes_into_the_newest_night_and_dies_spoils_neither_the_next_nor_the_kept_one(programme):
    writer = open_for_writing(programme.published_marts)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    log = programme.published / "marts.duckdb.wal"
    assert log.exists(), "a killed writer leaves its changes beside the file, where the next to open it would read them"
    build_night(programme, 2)
    publish_night(programme, list_marts())
    assert not log.exists()
    assert read_number(programme.published_marts) == 2
    assert [read_number(night / "marts.duckdb") for night in find_nights(programme.path)] == [1, 2]
    assert_whole(programme.path)


def test_whoever_holds_the_newest_night_open_for_writing_does_not_stop_the_next(programme):
    writer = open_for_writing(programme.published_marts)
    with pytest.raises(duckdb.IOException, match="Could not set lock"):
        duckdb.connect(programme.published_marts, read_only=True)
    assert read_published_goals(programme.published_marts) is not None, "the goals' memory is read from there"
    build_night(programme, 2)
    publish_night(programme, list_marts())
    assert read_number(programme.published_marts) == 2
    with open_published(programme.published_marts) as marts:
        assert marts.execute("select count(*) from goals.kpis").fetchall() == [(2,)]
    writer.communicate("\n")
    assert read_number(programme.published_marts) == 2
    assert find_litter(programme.path) == []


def test_nights_that_are_made_within_a_second_keep_their_order(tmp_path: Path):
    made_at = datetime(2026, 3, 1, 3, tzinfo=UTC)
    names = []
    for _ in range(12):
        names.append(name_night(made_at, tmp_path))
        (tmp_path / names[-1]).mkdir()
        remove_nights(tmp_path, list_nights(tmp_path)[:-2])
    assert names == sorted(set(names))
    assert [night.name for night in sorted(tmp_path.iterdir())] == names[-2:]
