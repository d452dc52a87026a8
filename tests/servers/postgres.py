"""A real PostgreSQL for a test: in a folder of its own, on loopback, with a user of its own where the test is root."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers.processes import INSTALL, find_port, make_folder

OPTIONS = "-c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=40 -c autovacuum=off"


def find_programs() -> Path:
    """The folder of the newest installed server, which Debian keeps off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if program := shutil.which("pg_ctl"):
        return Path(program).parent
    pytest.skip(f"PostgreSQL is not installed: {INSTALL}")


class PostgresServer:
    """A server that can be stopped, killed, frozen and started again; `url` is that of its superuser. With a password,
    it is in PG_PASSWORD for connections of settings.yml."""

    def __init__(self, folder: Path, password: str | None = None):
        self.folder, self.programs, self.password = folder, find_programs(), password
        self.port = find_port()
        secret = "" if password is None else ":${PG_PASSWORD}"
        self.url = f"postgresql://postgres{secret}@127.0.0.1:{self.port}/postgres"
        access = ["--auth=trust"]
        if password is not None:
            file = folder / "password"
            file.write_text(password)
            file.chmod(0o644)
            access = ["--auth=scram-sha-256", f"--pwfile={file}"]
        self.run("initdb", *access, "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", self.data)

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
        """At once, as a crash."""
        self.run("pg_ctl", "stop", "-m", "immediate", "-D", self.data)

    def signal(self, number: signal.Signals) -> None:
        """To the server's first process, which accepts connections."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), number)

    def connect(self) -> Any:
        import psycopg

        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.password,
            dbname="postgres",
            autocommit=True,
        )

    def execute(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def run_postgres(within: Path | None = None, password: str | None = None) -> Iterator[PostgresServer]:
    find_programs()
    with make_folder("postgres", within) as folder:
        server = PostgresServer(folder, password)
        server.start()
        try:
            yield server
        finally:
            server.stop()
