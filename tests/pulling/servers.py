"""Real servers on loopback, each started by the tests as its own user in a temporary folder and stopped at the end."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

INSTALL = "make test-servers installs it with apt-get"


def find_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def find_program(name: str, *folders: str) -> str:
    """The path of a program; skips the test where it is not installed."""
    places = os.pathsep.join([*folders, os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"])
    found = shutil.which(name, path=places)
    if found is None:
        pytest.skip(f"{name} is not installed: {INSTALL}")
    return found


def drop_to(user: str) -> dict[str, object]:
    """Arguments of subprocess to run as another user, where the tests run as root: servers refuse to."""
    if os.getuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def make_folder(user: str) -> Iterator[Path]:
    """A temporary folder that belongs to a user; pytest's own are closed to all others."""
    with TemporaryDirectory(prefix="rr-server-") as name:
        folder = Path(name)
        if os.getuid() == 0:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        yield folder


def wait_until(is_ready: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the server was not ready within {seconds} s")
        time.sleep(0.1)


@contextmanager
def run_server(command: Sequence[str], log: Path, **options: object) -> Iterator[subprocess.Popen]:
    with log.open("wb") as opened:
        process = subprocess.Popen(command, stdout=opened, stderr=opened, cwd="/", **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Postgres:
    """A PostgreSQL server; `url` is its connection in settings.yml, whose password is in PG_PASSWORD."""

    password = "s3cr3t/p@ss:#%w"

    def __init__(self, folder: Path):
        bin_folders = [str(one) for one in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
        self.programs = {name: find_program(name, *bin_folders) for name in ("initdb", "postgres")}
        self.folder, self.port = folder, find_port()
        self.url = f"postgresql://app:${{PG_PASSWORD}}@127.0.0.1:{self.port}/postgres"
        secret = folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        subprocess.run(
            [self.programs["initdb"], "-D", str(folder / "data"), "-U", "app", f"--pwfile={secret}", "-A", "scram-sha-256",
             "--no-sync", "-E", "UTF8"],
            check=True, capture_output=True, cwd="/", **drop_to("postgres"),
        )  # fmt: skip

    @contextmanager
    def run(self) -> Iterator["Postgres"]:
        command = [self.programs["postgres"], "-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder),
                   "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]  # fmt: skip
        with run_server(command, self.folder / "log", **drop_to("postgres")) as self.process:
            wait_until(self.is_ready)
            yield self

    def is_ready(self) -> bool:
        import psycopg

        try:
            self.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def connect(self):
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="app", password=self.password, dbname="postgres", autocommit=True
        )

    def execute(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)
