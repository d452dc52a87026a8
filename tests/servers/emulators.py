"""Emulators of object stores, each on loopback: what speaks the API of Google Cloud Storage and of Azure Blob Storage."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import REPOSITORY
from tests.servers.processes import find_port, find_program, make_folder, run_server, wait_until

# The account that Azurite documents: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextmanager
def run_gcs(bucket: str) -> Iterator[str]:
    """gcp-storage-emulator with one bucket; yields its URL."""
    program, port = find_program("gcp-storage-emulator", str(REPOSITORY / ".tools" / "gcs" / "bin")), find_port()
    with make_folder("root") as folder:
        command = [program, "start", "--host=127.0.0.1", f"--port={port}", "--in-memory", f"--default-bucket={bucket}"]
        with run_server(command, folder / "log"):
            wait_until(lambda: is_open(port))
            yield f"http://127.0.0.1:{port}"


@contextmanager
def run_azurite() -> Iterator[str]:
    """Azurite; yields a connection string without its key, which is ACCOUNT_KEY."""
    folders = [str(REPOSITORY / ".tools" / "azurite" / "node_modules" / ".bin")]
    program, port = find_program("azurite-blob", *folders), find_port()
    with make_folder("root") as folder:
        command = [program, "--silent", "--inMemoryPersistence", "--blobHost", "127.0.0.1", "--blobPort", str(port),
                   "--skipApiVersionCheck", "--disableTelemetry"]  # fmt: skip
        with run_server(command, Path(folder) / "log", env={**os.environ, "NODE_ENV": "production"}):
            wait_until(lambda: is_open(port))
            yield f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"


def is_open(port: int) -> bool:
    with socket.socket() as opened:
        return opened.connect_ex(("127.0.0.1", port)) == 0
