"""What every step needs: to be of the only run at work on the programme."""

import os
from collections.abc import Iterator

from dagster import InitResourceContext, resource

from orchestration.environment import find_folder
from orchestration.living import show_life
from orchestration.lock import hold_lock

ALONE = {"alone"}
DEFAULT_PATIENCE = 2 * 60 * 60


@resource(description="The programme's lock, held for as long as the run lasts; waits for another run's end.")
def alone(context: InitResourceContext) -> Iterator[None]:
    folder, run_id = find_folder(), context.run_id
    show_life(folder, run_id)
    with hold_lock(folder, f"Dagster's run {run_id}", read_patience(), context.log.warning):
        yield


def read_patience() -> float:
    """Seconds that WAIT_FOR_OTHER_RUN names. Raises ValueError."""
    text = os.environ.get("WAIT_FOR_OTHER_RUN", "").strip()
    if not text:
        return DEFAULT_PATIENCE
    if not text.isdecimal():
        raise ValueError(f"WAIT_FOR_OTHER_RUN={text} is no number of seconds: write it as 600")
    return int(text)
