"""A real MariaDB for a test, as its own user in a folder of its own, on loopback."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import PASSWORD, drop_to, find_port, find_program, run_server, wait_until


class MariaDB:
    """A MariaDB server; the password of its user is in DB_PASSWORD."""

    password = PASSWORD

    def __init__(self, folder: Path):
        self.program, install = find_program("mariadbd"), find_program("mariadb-install-db")
        self.folder, self.port = folder, find_port()
        self.url = f"mysql://app:${{DB_PASSWORD}}@127.0.0.1:{self.port}/shop"
        subprocess.run(
            [install, "--no-defaults", f"--datadir={folder / 'data'}", "--auth-root-authentication-method=normal",
             "--skip-test-db"],
            check=True, capture_output=True, cwd="/", **drop_to("mysql"),
        )  # fmt: skip

    @contextmanager
    def run(self) -> Iterator["MariaDB"]:
        command = [self.program, "--no-defaults", f"--datadir={self.folder / 'data'}", f"--port={self.port}",
                   "--bind-address=127.0.0.1", f"--socket={self.folder / 'socket'}", f"--pid-file={self.folder / 'pid'}"]  # fmt: skip
        with run_server(command, self.folder / "log", **drop_to("mysql")):
            wait_until(self.is_ready)
            self.execute(
                "create database shop", f"create user app@'127.0.0.1' identified by '{self.password}'",
                "grant all on shop.* to app@'127.0.0.1'",
            )  # fmt: skip
            yield self

    def is_ready(self) -> bool:
        import pymysql

        try:
            self.execute("select 1")
        except pymysql.OperationalError:
            return False
        return True

    def execute(self, *statements: str) -> None:
        import pymysql

        connection = pymysql.connect(unix_socket=str(self.folder / "socket"), user="root", autocommit=True)
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
