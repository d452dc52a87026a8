"""`make ui`: the Dagster UI on a programme, with the daemon that runs schedules."""

import os
import sys

from orchestration.environment import REPOSITORY, find_folder, put_tools_on_path
from orchestration.instance import prepare_home


def main(arguments: list[str]) -> None:
    prepare_home(find_folder())
    put_tools_on_path()
    os.environ["VIRTUAL_ENV"] = sys.prefix
    os.chdir(REPOSITORY)
    os.execvp("dg", ["dg", "dev", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
