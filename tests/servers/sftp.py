"""A real OpenSSH server for a test, over one folder, on loopback."""

import os
import pwd
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import find_port, find_program, run_server, wait_until


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
