"""`python -m tests.parsed_project compile …`: dbt on the project as make has parsed it, which takes dbt ten seconds."""

import os
import sys

from dbt.cli.main import dbtRunner

from orchestration.programme.repository import DBT_PROJECT
from orchestration.warehouse.dbt_build import read_manifest


def main(arguments: list[str]) -> int:
    os.chdir(DBT_PROJECT)
    return 0 if dbtRunner(manifest=read_manifest()).invoke(["--no-use-colors", *arguments]).success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
