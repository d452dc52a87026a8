"""Compiles a dbt project without a run: nothing is built and no data is read."""

import os
import subprocess
import sys
from pathlib import Path

from orchestration.lineage.project import NotProvable
from orchestration.programme.repository import DBT_PROJECT


def compile_project(target: Path, project: Path = DBT_PROJECT) -> Path:
    """Compile `project` into `target`, which is returned. Raises NotProvable with dbt's message if it cannot."""
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), "--quiet", "--no-use-colors", "--log-path", target / "logs"),
            # The proof reads models; compiling the tests takes as long again.
            *("compile", "--exclude", "resource_type:test", "resource_type:unit_test"),
            *("--project-dir", project, "--profiles-dir", project, "--target-path", target),
        ],
        cwd=project,
        # dbt wants a database and a key to begin with, and needs neither.
        env={**os.environ, "WAREHOUSE_FILE": ":memory:", "PSEUDONYM_KEY": "not used"},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise NotProvable(f"dbt cannot compile {project}:\n{done.stdout}{done.stderr}")
    return target
