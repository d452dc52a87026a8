"""What the tests of lineage look at: the project, and a copy of it with a mart for each leak; each compiled once."""

import os
from pathlib import Path

import pytest

from orchestration.lineage.proof import Proof, prove
from tests.lineage.leaks import write_project
from tests.warehouse.bare import CompiledProject
from tests.warm_process import run_module


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
    target = folder / "target"
    arguments = ["compile", str(write_project(folder)), str(target)]
    status, output = run_module("tests.changed_project", arguments, os.environ)
    assert status == 0, output
    return prove(target)
