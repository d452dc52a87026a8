"""The one resource: the programme that a run is for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from dagster import ConfigurableResource, InitResourceContext

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import Programme, read_programme
from orchestration.runtime.environment import find_as_of
from orchestration.runtime.liveness import show_life
from orchestration.runtime.lock import hold_lock

DEFAULT_PATIENCE = 2 * 60 * 60


class ProgrammeResource(ConfigurableResource):
    """The programme folder. A run holds the programme's lock for as long as it lasts, and waits for another run."""

    path: str

    @property
    def folder(self) -> ProgrammeFolder:
        return ProgrammeFolder(Path(self.path))

    @property
    def as_of(self) -> date | None:
        """The day that the run reports, None for today. Raises ValueError."""
        return find_as_of()

    def read(self) -> Programme:
        """Plan, extracts and settings. Raises ProgrammeError with every problem."""
        return read_programme(self.path)

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["ProgrammeResource"]:
        show_life(self.folder, context.run_id)
        with hold_lock(self.folder, f"Dagster's run {context.run_id}", read_patience(), context.log.warning):
            yield self


def read_patience() -> float:
    """Seconds that WAIT_FOR_OTHER_RUN names. Raises ValueError."""
    text = os.environ.get("WAIT_FOR_OTHER_RUN", "").strip()
    if not text:
        return DEFAULT_PATIENCE
    if not text.isdecimal():
        raise ValueError(f"WAIT_FOR_OTHER_RUN={text} is no number of seconds: write it as 600")
    return int(text)
