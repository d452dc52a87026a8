"""What Dagster needs of plan.yml and settings.yml while it loads the code location: time zone, owners and schedule.

The files may be missing or wrong then; the run reports their problems.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from orchestration.programme.cron import NIGHTLY, find_cron_problem
from orchestration.programme.documents import read_document
from orchestration.programme.folder import ProgrammeFolder

# Dagster accepts no other owners.
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")
FALLBACK = "UTC"


def read_timezone(folder: ProgrammeFolder) -> str:
    """The `timezone` of plan.yml; UTC where the plan cannot be read, because the schedule must exist all the same."""
    try:
        timezone = YAML(typ="safe", pure=True).load(folder.plan_file)["timezone"]
        return ZoneInfo(timezone).key
    except (OSError, YAMLError, ZoneInfoNotFoundError, KeyError, TypeError, ValueError):
        return FALLBACK


def read_programme_name(folder: ProgrammeFolder) -> str:
    """The `programme` of plan.yml; the folder's name where the plan cannot be read."""
    try:
        return str(YAML(typ="safe", pure=True).load(folder.plan_file)["programme"])
    except (OSError, YAMLError, KeyError, TypeError, ValueError):
        return folder.path.name


def read_schedule(folder: ProgrammeFolder) -> str:
    """The `schedule` of settings.yml; the default where there is none, or it is no cron line."""
    if not folder.settings_file.exists():
        return NIGHTLY
    document = read_document(folder.settings_file)
    schedule = document.data.get("schedule") if isinstance(document.data, dict) else None
    return schedule if isinstance(schedule, str) and find_cron_problem(schedule) is None else NIGHTLY


def read_owners(folder: ProgrammeFolder) -> tuple[str, ...]:
    """E-mail addresses among the owners of objectives and goals, sorted; none where the plan cannot be read."""
    try:
        objectives = YAML(typ="safe", pure=True).load(folder.plan_file)["objectives"]
        owners = {item.get("owner") for one in objectives for item in (one, *(one.get("goals") or ()))}
    except (OSError, YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return ()
    return tuple(sorted(owner for owner in owners if isinstance(owner, str) and ADDRESS.fullmatch(owner)))
