"""Which dependency groups `make nightly` still has to install for the connections of PROGRAMME, as options of uv.

Prints nothing if there are none, or if settings.yml has a mistake: the run reports it.
"""

import sys

from orchestration.programme.documents import read_document
from orchestration.programme.packages import list_missing
from orchestration.programme.settings import check_settings
from orchestration.runtime.environment import find_folder


def main() -> int:
    file = find_folder().settings_file
    if not file.is_file():
        return 0
    settings, problems = check_settings(read_document(file))
    if not problems:
        print(*(f"--group {group}" for group in list_missing(settings.connections.values())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
