"""`make connections`: opens each connection of settings.yml and lists the tables or objects that are there."""

import sys
from collections.abc import Iterator

from orchestration.landing.pulling.looking import CannotLook, look
from orchestration.programme.connections import Connection, VariableMissing
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import read_programme
from orchestration.runtime.environment import find_folder
from orchestration.runtime.messages import shorten_list

SHOWN = 50


def main() -> int:
    folder = find_folder()
    try:
        connections = read_programme(folder.path).settings.connections
    except ProgrammeError as error:
        print(error, file=sys.stderr)
        return 1
    if not connections:
        print(f"{folder.settings_file} has no connections. docs/configuration.md#connections shows how to write one.")
        return 0
    failed = 0
    for name, connection in connections.items():
        try:
            print(*describe(name, connection), sep="\n")
        except (CannotLook, VariableMissing) as error:
            print(f"{name}: FAILED. {error}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


def describe(name: str, connection: Connection) -> Iterator[str]:
    filled = connection.fill(name)
    what, found = look(connection, filled)
    yield f"{name} ({connection.system}): connected; {len(found):,} {what}"
    yield from (f"  {line}" for line in shorten_list(found, SHOWN))


if __name__ == "__main__":
    sys.exit(main())
