"""PostgreSQL under readers, kills, a full disk and a server that hangs: one version at any moment, or the one before."""

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from orchestration.programme.connections import Connection, FilledConnection
from orchestration.programme.settings import TargetSettings
from orchestration.publishing.targets.postgres import publish_to_postgres
from orchestration.publishing.targets.session import Session
from orchestration.publishing.targets.targets import attempt
from orchestration.publishing.targets.version import PublishedVersion, TargetFailed
from tests.conftest import REPOSITORY
from tests.publishing.targets.small_versions import make_version
from tests.publishing.targets.test_postgres import VERSIONS, query, read_as
from tests.servers.postgres import PostgresServer, find_programs, run_postgres

pytestmark = [pytest.mark.servers, pytest.mark.slow]
PUBLISHES = int(os.environ.get("PUBLISHES", "50"))
READERS = 8
# In a transaction of one snapshot: the versions in a join of two marts, then those of each mart alone.
READER = """
import sys
from adbc_driver_postgresql import dbapi
reads = mixed = 0
seen = set()
with dbapi.connect(sys.argv[1], autocommit=True) as connection, connection.cursor() as cursor:
    def fetch(sql):
        cursor.execute(sql)
        return cursor.fetchall()
    print("ready", flush=True)
    while not fetch("select 1 from public.ended"):
        cursor.execute("begin isolation level " + sys.argv[2])
        joined = fetch(
            "select distinct o.version, p.version, v.version"
            " from rr_results.orders o join rr_reach.posts p on o.order_id = p.post_id cross join rr_meta.version v"
        )
        versions = {row[:2] for row in joined}
        if sys.argv[2] == "repeatable read":
            versions |= {(row[0], row[0]) for row in fetch("select distinct version from rr_reach.posts")}
            versions |= {(row[0], row[0]) for row in fetch("select distinct version from rr_results.orders")}
        cursor.execute("commit")
        reads += 1
        [(orders, posts), *more] = versions
        mixed += bool(more) or orders != posts or not joined[0][2].endswith(f"{orders:02}Z")
        seen.add(orders)
print(reads, mixed, len(seen))
"""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with run_postgres() as started:
        yield started


def fill(server: PostgresServer) -> FilledConnection:
    return Connection.model_validate(server.url).fill("bi_db", {})


def read_versions(server: PostgresServer) -> list[tuple]:
    with read_as(server.url) as cursor:
        return query(cursor, VERSIONS)


def test_no_read_fails_and_none_is_mixed(server: PostgresServer, tmp_path: Path):
    target = fill(server)
    publish_to_postgres(make_version(tmp_path, 1, rows=2000), target)
    with read_as(server.url) as cursor:
        cursor.execute("create table public.ended (one int)")
        cursor.execute("create view public.shown as select order_id, version from rr_results.orders")
        levels = ["repeatable read", "read committed"]
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", READER, server.url, levels[number % 2]], stdout=subprocess.PIPE, text=True
            )
            for number in range(READERS)
        ]
        for reader in readers:
            assert reader.stdout.readline() == "ready\n"
        with read_as(server.url, "begin isolation level repeatable read") as held:
            assert query(held, VERSIONS) == [(1, 1, "01Z")]
            for number in range(2, PUBLISHES + 2):
                publish_to_postgres(make_version(tmp_path, number, rows=2000 + number), target)
            assert query(held, VERSIONS) == [(1, 1, "01Z")], "a transaction that stays open sees its version"
        assert query(cursor, "select distinct version from public.shown") == [(PUBLISHES + 1,)]
        cursor.execute("insert into public.ended values (1)")
    seen = [tuple(map(int, reader.communicate(timeout=120)[0].split())) for reader in readers]
    print("reads, mixed, versions of each reader:", seen)
    assert [reader.returncode for reader in readers] == [0] * READERS, "no read failed"
    assert [mixed for _, mixed, _ in seen] == [0] * READERS
    assert all(versions > 1 for _, _, versions in seen)


def test_a_run_that_is_killed_at_any_step_leaves_a_whole_version(server: PostgresServer, tmp_path: Path):
    """The versions gain and lose a mart and a column, so that every kind of statement is among the steps."""
    odd = {"goals.odd": "select i as id, {number} as version, 1 as extra from range(3) as t (i)"}
    even = {
        "results.even": "select 1 as id, {number} as version",
        "reach.posts": "select 1 as post_id, {number} as version",
    }
    publish_to_postgres(make_version(tmp_path, 1, marts=odd), fill(server))
    number, kills = 1, 0
    while True:
        number += 1
        version = make_version(tmp_path, number, marts=odd if number % 2 else even)
        if publish_in_child(version, server, killed_before=kills + 1):
            break
        kills += 1
        [(orders, posts, name)] = read_versions(server)
        assert orders == posts == int(name[:2]) and orders in (number - 1, number), f"killed before step {kills}"
        publish_to_postgres(version, fill(server))
        assert read_versions(server) == [(number, number, f"{number:02}Z")]
    print(f"killed before each of {kills} steps")
    assert kills > 40


def publish_in_child(version: PublishedVersion, server: PostgresServer, killed_before: int) -> bool:
    """Whether it came to its end."""
    if not (child := os.fork()):
        try:
            count_steps(killed_before)
            publish_to_postgres(version, fill(server))
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


def count_steps(killed_before: int) -> None:
    """Be killed before a certain exchange with the server."""
    made = 0
    for name in ("execute", "fetch", "load"):
        action = getattr(Session, name)

        def step(*arguments: object, action: Callable = action) -> object:
            nonlocal made
            made += 1
            if made == killed_before:
                os.kill(os.getpid(), signal.SIGKILL)
            return action(*arguments)

        setattr(Session, name, step)


def test_a_server_that_is_killed_or_hangs_keeps_its_version(server: PostgresServer, tmp_path: Path):
    publish_to_postgres(make_version(tmp_path, 1), fill(server))
    connection = Connection.model_validate(server.url)
    server.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        problem = attempt(make_version(tmp_path, 2), TargetSettings(to="bi_db", timeout_minutes=0.05), connection)
        assert problem is not None and time.monotonic() - started < 30
        assert "did not finish within 0.05 minutes" in problem or "timeout" in problem
    finally:
        server.signal(signal.SIGCONT)
    server.stop()
    assert "Connection refused" in (attempt(make_version(tmp_path, 3), TargetSettings(to="bi_db"), connection) or "")
    server.start()
    publish_to_postgres(make_version(tmp_path, 4), fill(server))
    assert read_versions(server) == [(4, 4, "04Z")]


def test_a_server_whose_disk_is_full_keeps_its_version(tmp_path: Path):
    find_programs()
    if os.getuid() != 0:
        pytest.skip("to mount a small disk for the server's user needs root")
    script = (
        'mount -t tmpfs -o size=150m,mode=755 tmpfs "$DISK" && exec "$PYTHON" -m tests.reliability.test_postgres_target'
    )
    with TemporaryDirectory(prefix="disk_") as disk:
        Path(disk).chmod(0o755)
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script],
            env={**os.environ, "PYTHON": sys.executable, "DISK": disk, "VERSIONS": str(tmp_path)},
            cwd=REPOSITORY, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def fill_the_disk(disk: Path, versions: Path) -> None:
    with run_postgres(disk) as server:
        publish_to_postgres(make_version(versions, 1), fill(server))
        filler = disk / "filler"
        with filler.open("wb") as opened:
            free = os.statvfs(disk)
            opened.write(b"0" * (free.f_bavail * free.f_frsize - 8 * 2**20))
        try:
            publish_to_postgres(make_version(versions, 2, rows=400_000), fill(server))
        except TargetFailed as error:
            assert "No space left" in str(error), error
            print(error)
        else:
            raise AssertionError("the disk was not full")
        assert read_versions(server) == [(1, 1, "01Z")]
        filler.unlink()
        publish_to_postgres(make_version(versions, 3), fill(server))
        assert read_versions(server) == [(3, 3, "03Z")]


if __name__ == "__main__":
    fill_the_disk(Path(os.environ["DISK"]), Path(os.environ["VERSIONS"]))
