"""`make ui`: the Dagster UI on a programme, with the daemon that runs schedules."""

import os
import sys

from orchestration.programme.repository import REPOSITORY
from orchestration.runtime.dagster_home import prepare_home
from orchestration.runtime.environment import find_folder, put_tools_on_path


def main(arguments: list[str]) -> None:
    prepare_home(find_folder())
    put_tools_on_path()
    os.environ["VIRTUAL_ENV"] = sys.prefix
    os.chdir(REPOSITORY)
    os.execvp("dg", ["dg", "dev", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
