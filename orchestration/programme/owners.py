"""Who answers for the objectives and goals, for whoever needs it before the plan is validated."""

import re

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from orchestration.programme.folder import ProgrammeFolder

# As Dagster takes it.
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,7}")


def read_owners(folder: ProgrammeFolder) -> tuple[str, ...]:
    """The mail addresses among the owners of objectives and goals in plan.yml, sorted; none where there is no plan that
    can be read, and what is wrong with it is told by the run."""
    try:
        plan = YAML(typ="safe", pure=True).load(folder.plan_file)
        objectives = plan["objectives"]
        owners = {thing.get("owner") for one in objectives for thing in (one, *(one.get("goals") or ()))}
    except (OSError, YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return ()
    return tuple(sorted(owner for owner in owners if isinstance(owner, str) and ADDRESS.fullmatch(owner)))
