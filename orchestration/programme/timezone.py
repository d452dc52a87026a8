"""The programme's time zone, for whoever needs it before the plan is validated."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from orchestration.programme.folder import ProgrammeFolder

FALLBACK = "UTC"


def read_timezone(folder: ProgrammeFolder) -> str:
    """The `timezone` of plan.yml, or UTC where there is no plan that can be read: the schedule must be there all the
    same, and the run that it starts says what is wrong with the plan."""
    try:
        timezone = YAML(typ="safe", pure=True).load(folder.plan_file)["timezone"]
        return ZoneInfo(timezone).key
    except (OSError, YAMLError, ZoneInfoNotFoundError, KeyError, TypeError, ValueError):
        return FALLBACK
