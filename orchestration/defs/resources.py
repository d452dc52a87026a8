"""The resource of every step: the programme folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from dagster import ConfigurableResource, InitResourceContext

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.programme import Programme, read_programme
from orchestration.runtime.dagster_home import keep_history_open
from orchestration.runtime.environment import find_as_of
from orchestration.runtime.liveness import hold_liveness_lock
from orchestration.runtime.lock import hold_lock

DEFAULT_TIMEOUT = 2 * 60 * 60


class ProgrammeResource(ConfigurableResource):
    """The programme folder. A run holds the programme lock until it ends, and waits while another run holds it."""

    path: str

    @property
    def folder(self) -> ProgrammeFolder:
        return ProgrammeFolder(Path(self.path))

    @property
    def as_of(self) -> date | None:
        """The day that the run reports (AS_OF), None for today. Raises ValueError."""
        return find_as_of()

    def read(self) -> Programme:
        """Plan, extracts and settings. Raises ProgrammeError with every problem."""
        return read_programme(self.path)

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["ProgrammeResource"]:
        assert context.run.run_id and context.log  # None only outside of runs
        hold_liveness_lock(self.folder, context.run.run_id)
        with (
            hold_lock(self.folder, f"Dagster's run {context.run.run_id}", read_timeout(), context.log.warning),
            keep_history_open(self.folder, context.run.run_id),
        ):
            yield self


def read_timeout() -> float:
    """Seconds to wait for another run, from WAIT_FOR_OTHER_RUN. Raises ValueError."""
    text = os.environ.get("WAIT_FOR_OTHER_RUN", "").strip()
    if not text:
        return DEFAULT_TIMEOUT
    if not text.isdecimal():
        raise ValueError(f"WAIT_FOR_OTHER_RUN={text} is not a number of seconds, such as 600")
    return int(text)
