"""Which dependency groups make still has to install for PROGRAMME, or each programme in PROGRAMMES, as options of uv.

Prints nothing if there are none. What is wrong with a settings.yml is reported by the run.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.packages import list_missing
from orchestration.programme.settings import check_settings
from orchestration.runtime.environment import find_folder


def find_folders() -> Iterator[ProgrammeFolder]:
    if several := os.environ.get("PROGRAMMES"):
        yield from (
            ProgrammeFolder(plan.parent.absolute()) for plan in Path(several).expanduser().glob("[!.]*/plan.yml")
        )
    else:
        yield find_folder()


def main() -> int:
    groups: dict[str, None] = {}
    for folder in find_folders():
        if folder.settings_file.is_file():
            settings, problems = check_settings(read_document(folder.settings_file))
            if not problems:
                groups |= dict.fromkeys(list_missing(settings))
    print(*(f"--group {group}" for group in groups))
    return 0


if __name__ == "__main__":
    sys.exit(main())
