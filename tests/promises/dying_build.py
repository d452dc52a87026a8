"""A build as the dbt asset does it: forget, build, remember; with a point at which the process is killed.

python -m tests.promises.dying_build <programme> <inputs> <point>
"""

import os
import signal
import sys
from pathlib import Path

import duckdb
from orchestration.building.standing import forget_standing, read_standing, remember_standing

from orchestration.programme.folder import ProgrammeFolder
from orchestration.warehouse.database import warehouse_file

POINTS = (
    "before forgetting",
    "before building",
    "after building a",
    "before the file is closed",
    "before remembering",
)


def build(folder: ProgrammeFolder, inputs: str, dies: str = "") -> None:
    """Two tables that say what they were made from."""

    def reach(point: str) -> None:
        if point == dies:
            os.kill(os.getpid(), signal.SIGKILL)

    stale = [node for node in ("a", "b") if read_standing(folder).get(node) != inputs]
    reach("before forgetting")
    forget_standing(folder, stale)
    reach("before building")
    with duckdb.connect(warehouse_file(folder)) as connection:
        for node in stale:
            connection.execute(f"create or replace table {node} as select '{inputs}' as made_from")
            reach(f"after building {node}")
        reach("before the file is closed")
    reach("before remembering")
    remember_standing(folder, dict.fromkeys(stale, inputs))


if __name__ == "__main__":
    build(ProgrammeFolder(Path(sys.argv[1])), *sys.argv[2:])
