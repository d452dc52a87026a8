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


class MariaDB:
    """A MariaDB server; the password of its user is in DB_PASSWORD."""

    password = Postgres.password

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


class SFTP:
    """An OpenSSH server that takes one key, over one folder; `url` and `host_key` are for settings.yml."""

    def __init__(self, folder: Path):
        self.program = find_program("sshd")
        self.folder, self.port, self.files = folder, find_port(), folder / "files"
        self.files.mkdir()
        for name in ("host", "user"):
            find_program("ssh-keygen")
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
        self.host_key = " ".join((folder / "host.pub").read_text().split()[:2])
        self.key_file = folder / "user"
        self.url = f"sftp://{pwd.getpwuid(os.getuid()).pw_name}@127.0.0.1:{self.port}{self.files}"
        (folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nAuthorizedKeysFile {folder / 'user.pub'}\n"
            "PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"
            "Subsystem sftp internal-sftp\n"
        )

    @contextmanager
    def run(self) -> Iterator["SFTP"]:
        # Debian's sshd wants this folder even if it drops no privileges.
        Path("/run/sshd").mkdir(exist_ok=True)
        with run_server([self.program, "-D", "-f", str(self.folder / "sshd_config")], self.folder / "log"):
            wait_until(self.is_ready)
            yield self

    def is_ready(self) -> bool:
        with socket.socket() as opened:
            return opened.connect_ex(("127.0.0.1", self.port)) == 0
