"""`make ui`: the Dagster UI on a programme, with the daemon that runs schedules.

Dagster's UI has no passwords: whoever reaches it may start runs. So it listens on this machine only, at 127.0.0.1:3000,
unless HOST and PORT say otherwise.
"""

import os
import sys

from orchestration.programme.problems import ProgrammeError
from orchestration.programme.repository import REPOSITORY
from orchestration.runtime.dagster_home import HistoryNotUsable, prepare_home
from orchestration.runtime.environment import find_folder, put_tools_on_path


def main(arguments: list[str]) -> None:
    try:
        prepare_home(find_folder())
    except (ProgrammeError, HistoryNotUsable) as error:
        sys.exit(str(error))
    put_tools_on_path()
    os.environ["VIRTUAL_ENV"] = sys.prefix
    os.chdir(REPOSITORY)
    place = ["--host", os.environ.get("HOST") or "127.0.0.1", "--port", os.environ.get("PORT") or "3000"]
    os.execvp("dg", ["dg", "dev", *place, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
