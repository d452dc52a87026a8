"""`make new`: creates the files of a new programme in the folder that PROGRAMME names. Never overwrites a file."""

import os
import shlex
import sys
from pathlib import Path

from orchestration.programme.new_programme import CannotCreateProgramme, create_programme
from orchestration.programme.repository import REPOSITORY, SAMPLE
from orchestration.runtime.environment import find_folder


def main() -> int:
    if not os.environ.get("PROGRAMME", "").strip() or find_folder().path == SAMPLE:
        print("Which folder? make new PROGRAMME=/path/to/folder", file=sys.stderr)
        return 1
    folder = find_folder()
    try:
        written = create_programme(folder)
    except (CannotCreateProgramme, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(describe_next_steps(folder.path, written))
    return 0


def describe_next_steps(path: Path, written: list[str]) -> str:
    where = f"PROGRAMME={shlex.quote(os.fspath(path))}"
    warning = (
        "\nWarning: the folder is inside the repository of Reach & Results. Better choose another place.\n"
        if path.is_relative_to(REPOSITORY)
        else ""
    )
    return f"""{path}: created ({", ".join(written)}).
{warning}
Next:
  1. Set currency and timezone in plan.yml.
  2. Onboard an export; ADD=yes copies it to landing/ and adds its entry to extracts.yml:
     make onboard FILE=/path/to/orders.csv ADD=yes {where}
     A first goal on sales needs your orders, and the codes or links of your partners.
  3. See the first results, and what is still to be defined:
     make nightly {where}
  4. Complete first-goal in plan.yml, and run it again."""


if __name__ == "__main__":
    sys.exit(main())
