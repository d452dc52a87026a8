from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.bare import CompiledProject, compile_project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    folder = tmp_path_factory.mktemp("empty")
    (folder / "landing").mkdir()
    (folder / "plan.yml").write_text("{programme: Nothing yet, currency: EUR, timezone: UTC}\n")
    (folder / "extracts.yml").write_text("extracts: []\n")
    return compile_project(folder, tmp_path_factory.mktemp("target"))


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new folder each time; for hypothesis, which calls a test many times with one fixture."""
    return (tmp_path_factory.mktemp("programme") for _ in iter(int, 1))
