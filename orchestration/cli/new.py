"""`make new`: creates the files of a new programme in the folder that PROGRAMME names. Never overwrites a file."""

import os
import shlex
import sys

from orchestration.programme.new_programme import (
    DATABASE,
    PASSWORD,
    CannotCreateProgramme,
    create_programme,
)
from orchestration.programme.problems import ProgrammeError
from orchestration.programme.programme import Programme, read_programme
from orchestration.programme.repository import REPOSITORY, SAMPLE
from orchestration.runtime.environment import find_folder


def main() -> int:
    if not os.environ.get("PROGRAMME", "").strip() or find_folder().path == SAMPLE:
        print("Which folder? make new PROGRAMME=/path/to/folder", file=sys.stderr)
        return 1
    folder = find_folder()
    try:
        written = create_programme(folder, read_choices(), os.environ.get("DATABASE", ""))
        print(describe_next_steps(read_programme(folder.path), written))
    except (CannotCreateProgramme, ProgrammeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def read_choices() -> dict[str, str]:
    return {
        "currency": os.environ.get("CURRENCY", ""),
        "timezone": os.environ.get("TIMEZONE", ""),
        "owner": os.environ.get("OWNER", ""),
        "target": os.environ.get("TARGET", ""),
        "baseline": os.environ.get("BASELINE", ""),
        "starts_on": os.environ.get("STARTS_ON", ""),
        "ends_on": os.environ.get("ENDS_ON", ""),
    }


def describe_next_steps(programme: Programme, written: list[str]) -> str:
    path, plan = programme.folder.path, programme.plan
    where = f"PROGRAMME={shlex.quote(os.fspath(path))}"
    warning = (
        "\nWarning: the folder is inside the repository of Reach & Results. Better choose another place.\n"
        if path.is_relative_to(REPOSITORY)
        else ""
    )
    goal = plan.objectives[0].goals[0]
    owner = goal.owner or plan.objectives[0].owner
    elements = {"target": goal.target, "baseline": goal.baseline, "owner": owner}
    missing = [name for name, value in elements.items() if value is None]
    steps = [f"Check plan.yml: the currency is {plan.currency}, the time zone {plan.timezone}."]
    if "settings.yml" in written:
        steps += [
            f"Set the password of the database, as it is (not as a URL writes it): export {PASSWORD}='…'\n"
            f"     Then see what tables it has: make connections {where}",
            f"Onboard the tables of orders and of your partners' codes (or links):\n"
            f"     make onboard FROM={DATABASE} TABLE=public.orders,public.codes ADD=yes {where}",
        ]
    else:
        steps.append(
            "Onboard an export; ADD=yes copies it to landing/ and adds its entry to extracts.yml:\n"
            f"     make onboard FILE=/path/to/orders.csv ADD=yes {where}\n"
            "     A first goal on sales needs your orders, and the codes or links of your partners."
        )
    steps.append(f"See the first results, and what is still to be defined:\n     make nightly {where}")
    if goal.target is None:
        steps.append("Complete first-goal in plan.yml, and run it again.")
    else:
        days = f"first-goal counts from {goal.starts_on} to {goal.ends_on}"
        lacks = f"; it still lacks {' and '.join(missing)}" if missing else ""
        steps.append(f"{days}{lacks}. plan.yml is yours to change.")
    lines = "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, start=1))
    return f"{path}: created ({', '.join(written)}).\n{warning}\nNext:\n{lines}"


if __name__ == "__main__":
    sys.exit(main())
