"""Dagster's webserver or daemon on a programme, each alone, as containers and service managers want them. `make ui`
starts both.

    python -m orchestration.cli.dagster webserver --host 127.0.0.1 --port 3000
    python -m orchestration.cli.dagster daemon
"""

import os
import sys

from orchestration.programme.problems import ProgrammeError
from orchestration.programme.repository import REPOSITORY
from orchestration.runtime.dagster_home import HistoryNotUsable, prepare_home
from orchestration.runtime.environment import find_folder, put_tools_on_path

COMMANDS = {"webserver": ["dagster-webserver"], "daemon": ["dagster-daemon", "run"]}


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] not in COMMANDS:
        sys.exit(f"Which one? python -m orchestration.cli.dagster {' or '.join(COMMANDS)}")
    try:
        prepare_home(find_folder())
    except (ProgrammeError, HistoryNotUsable) as error:
        sys.exit(str(error))
    put_tools_on_path()
    command = [*COMMANDS[arguments[0]], "--workspace", str(REPOSITORY / "workspace.yaml"), *arguments[1:]]
    os.chdir(REPOSITORY)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
