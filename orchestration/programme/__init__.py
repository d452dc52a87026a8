"""The programme folder and what its owners wrote in it: plan.yml, extracts.yml and settings.yml, checked.

Every problem is reported at once, with file, line and remedy. Reading delivered files belongs to
`orchestration.landing`.
"""

from orchestration.programme.extracts import Entry
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.plan import Plan
from orchestration.programme.plan_tables import write_plan_tables
from orchestration.programme.problems import Problem, ProgrammeError
from orchestration.programme.programme import Programme, read_programme

__all__ = [
    "Entry",
    "Plan",
    "Problem",
    "Programme",
    "ProgrammeError",
    "ProgrammeFolder",
    "read_programme",
    "write_plan_tables",
]
