"""Lays out a programme in the folder that PROGRAMME names. What is there already is never written over."""

import os
import shlex
import sys
from pathlib import Path

from orchestration.programme.new_programme import CannotCreateProgramme, create_programme
from orchestration.programme.repository import REPOSITORY, SAMPLE
from orchestration.runtime.environment import find_folder


def main() -> int:
    if not os.environ.get("PROGRAMME", "").strip() or find_folder().path == SAMPLE:
        print("Say where: make new PROGRAMME=/path/to/folder", file=sys.stderr)
        return 1
    folder = find_folder()
    try:
        written = create_programme(folder)
    except (CannotCreateProgramme, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(say_next(folder.path, written))
    return 0


def say_next(path: Path, written: list[str]) -> str:
    where = f"PROGRAMME={shlex.quote(os.fspath(path))}"
    warning = (
        "\nIt lies within the repository of Reach & Results: better keep it elsewhere.\n"
        if path.is_relative_to(REPOSITORY)
        else ""
    )
    return f"""{path}: laid out ({", ".join(written)}).
{warning}
Next:
  1. plan.yml: set its currency and timezone.
  2. Ask what an export is; ADD=yes puts it into landing/, and its entry into extracts.yml:
     make onboard FILE=/path/to/orders.csv ADD=yes {where}
     For a first goal on sales: your orders, and the codes or links of those who vouch for you.
  3. See the first figures, and what is still to be defined:
     make nightly {where}
  4. plan.yml: give first-goal what the night says it lacks, and run it again."""


if __name__ == "__main__":
    sys.exit(main())
