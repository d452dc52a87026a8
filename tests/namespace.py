"""A world of its own, in which a test may mount what it likes: a small disk, a folder to read only."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY


def in_a_namespace(script: str, timeout: int = 120, **environment: str) -> subprocess.CompletedProcess:
    """Run a shell script as its root; `$PYTHON` is the tests'."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip(
            "what is mounted for this test needs user namespaces (unshare -rm), which this machine does not allow"
        )
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        env={**os.environ, "PYTHON": sys.executable, **environment},
        cwd=REPOSITORY, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
