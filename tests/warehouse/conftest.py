from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new folder each time; for hypothesis, which calls a test many times with one fixture."""
    return (tmp_path_factory.mktemp("programme") for _ in iter(int, 1))
