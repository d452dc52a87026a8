"""What Dagster needs of plan.yml while it loads the code location: the time zone and the owners.

The plan may be missing or wrong then; the run reports its problems.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

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


def read_owners(folder: ProgrammeFolder) -> tuple[str, ...]:
    """E-mail addresses among the owners of objectives and goals, sorted; none where the plan cannot be read."""
    try:
        objectives = YAML(typ="safe", pure=True).load(folder.plan_file)["objectives"]
        owners = {item.get("owner") for one in objectives for item in (one, *(one.get("goals") or ()))}
    except (OSError, YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return ()
    return tuple(sorted(owner for owner in owners if isinstance(owner, str) and ADDRESS.fullmatch(owner)))
