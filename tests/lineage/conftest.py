"""What the tests of lineage look at: the project, and a copy of it with a mart for each leak; each compiled once."""

from pathlib import Path

import pytest

from orchestration.lineage.compiling import compile_project
from orchestration.lineage.proof import Proof, prove
from tests.lineage.leaks import write_project
from tests.warehouse.bare import CompiledProject


@pytest.fixture(scope="session")
def target(project: CompiledProject) -> Path:
    """Where dbt compiled the project; only ever read."""
    return project.target


@pytest.fixture(scope="session")
def proof(target: Path) -> Proof:
    return prove(target)


@pytest.fixture(scope="session")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    folder = tmp_path_factory.mktemp("leaking")
    return prove(compile_project(folder / "target", write_project(folder)))
