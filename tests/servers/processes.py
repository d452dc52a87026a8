"""What servers of tests share: a free port, a folder of their user, a process that is stopped at the end."""

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
# What every URL and configuration file would have to escape.
PASSWORD = "s3cr3t/p@ss:#%w"


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
def make_folder(user: str, within: Path | None = None) -> Iterator[Path]:
    """A temporary folder that belongs to a user; pytest's own are closed to all others."""
    with TemporaryDirectory(prefix="rr-server-", dir=within) as name:
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
