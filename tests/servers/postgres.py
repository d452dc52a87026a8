"""A real PostgreSQL for a test: in a folder of its own, on loopback, with a user of its own where the test is root."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

OPTIONS = "-c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=40 -c autovacuum=off"


def find_programs() -> Path:
    """The folder of the newest installed server, which Debian keeps off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if program := shutil.which("pg_ctl"):
        return Path(program).parent
    pytest.skip("this test needs a PostgreSQL server: apt-get install postgresql (`make servers` does it)")


class PostgresServer:
    """A server that can be stopped, killed, frozen and started again; `url` is that of its superuser."""

    def __init__(self, folder: Path):
        self.folder, self.programs = folder, find_programs()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        if os.getuid() == 0:  # the server refuses root
            shutil.chown(folder, "postgres")
        self.run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", self.data)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, program: str, *arguments: object) -> None:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []
        command = [*as_user, str(self.programs / program), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        options = f"{OPTIONS} -p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self.run("pg_ctl", "start", "-w", "-D", self.data, "-l", self.folder / "log", "-o", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-m", "immediate", "-D", self.data)

    def signal(self, number: signal.Signals) -> None:
        """To the server's first process, which accepts connections."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), number)


@contextmanager
def run_postgres(within: Path | None = None) -> Iterator[PostgresServer]:
    """In a folder of its own: those of pytest are closed to other users."""
    find_programs()
    with TemporaryDirectory(prefix="postgres_", dir=within) as folder:
        server = PostgresServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
