"""Settings of a run from the environment: the programme (PROGRAMME), the day to report (AS_OF), the day from which
everything is pulled again (SINCE), and PATH.

Read when a function is called, never at import. Options of one module alone (MEMORY_LIMIT, LEAST_FREE_BYTES, the
alerts) are read in that module.
"""

import os
import sys
from datetime import date
from pathlib import Path

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.repository import SAMPLE


def put_tools_on_path() -> None:
    """Put the folder of this Python, which has `dbt` and `dg`, first on PATH: the environment may not be activated."""
    os.environ["PATH"] = os.pathsep.join([os.fspath(Path(sys.executable).parent), os.environ.get("PATH", "")])


def find_folder() -> ProgrammeFolder:
    """The folder that PROGRAMME names, else the sample programme."""
    return ProgrammeFolder(Path(os.environ.get("PROGRAMME") or SAMPLE).expanduser().absolute())


def find_as_of() -> date | None:
    """The day that AS_OF names (YYYY-MM-DD), None for today in the programme's time zone. Raises ValueError."""
    return _read_day("AS_OF", os.environ.get("AS_OF", ""))


def find_since() -> date | None:
    """The day that SINCE names (YYYY-MM-DD), None for what is new. Raises ValueError."""
    return _read_day("SINCE", os.environ.get("SINCE", ""))


def _read_day(variable: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise ValueError(f"{variable}={text} is no day: write it as 2026-05-31") from None
