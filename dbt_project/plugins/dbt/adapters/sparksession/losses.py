"""When Spark is gone while dbt builds: every later statement fails at once with the same message, instead of waiting
for a server that does not answer. And when it is there, but nobody computes: a cluster without workers waits for ever.
"""

import threading
import time
from collections.abc import Callable, Collection
from typing import Any

# What clients say when the driver, the server or the cluster is gone.
LOST = (
    "Py4JNetworkError",
    "does not exist in the JVM",
    "Connection refused",
    "UNAVAILABLE",
    "SparkContext was shut down",
    "stopped SparkContext",
    "Master removed our application",
    "All masters are unresponsive",
    "INVALID_HANDLE.SESSION_",
    "Socket closed",
)
SECONDS_BETWEEN_LOOKS = 5.0
_loss: str | None = None


def find_loss() -> str | None:
    """Why Spark is gone; None while it is not known to be."""
    return _loss


def note_loss(why: str) -> None:
    """The first reason stays: what follows from it says less."""
    global _loss
    _loss = _loss or why


def forget_loss() -> None:
    """Before another session."""
    global _loss
    _loss = None


def is_loss(told: str) -> bool:
    return any(words in told for words in LOST)


class Watch:
    """Says when tasks have waited for `minutes` and none was running; any thread may look."""

    def __init__(self, minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.minutes, self._clock = minutes, clock
        self._worked_at = clock()
        self._operations: dict[str, int] = {}

    def look(self, operation: str, running: int, finished: int, total: int) -> None:
        """Raises NobodyComputes. Between two stages no task waits: `finished` is `total`."""
        if running or finished == total or self._operations.get(operation) != finished:
            self._operations[operation] = finished
            self._worked_at = self._clock()
        elif self._clock() - self._worked_at > self.minutes * 60:
            raise NobodyComputes(
                f"Spark waits for {total - finished} tasks, and no executor has run any for {self.minutes:g} minutes:"
                " the cluster has no worker left, or none with enough free memory and cores for this programme."
                " What to do: see the cluster's own page, then run again. Where a run may have to wait longer for its"
                " turn, raise wait_minutes of the engine in settings.yml"
            )

    def look_at_server(self, stages: Collection[Any], inflight_tasks: int, operation_id: str, done: bool) -> None:
        """A progress handler of Spark Connect."""
        if done:
            self._operations.pop(operation_id, None)
            return
        finished = sum(stage.num_completed_tasks for stage in stages)
        self.look(operation_id, inflight_tasks, finished, sum(stage.num_tasks for stage in stages))

    def look_at_driver(self, context: Any) -> None:
        """Until the driver of this process is gone; jobs that nobody computes are cancelled."""
        tracker = context.statusTracker()
        while context._jsc is not None:  # None after stop(), and there is no public way to ask
            found = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
            stages = [stage for stage in found if stage is not None]
            try:
                self.look(
                    "",
                    sum(stage.numActiveTasks for stage in stages),
                    sum(stage.numCompletedTasks for stage in stages),
                    sum(stage.numTasks for stage in stages),
                )
            except NobodyComputes as error:
                note_loss(str(error))
                context.cancelAllJobs()
                return
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def start(self, context: Any) -> None:
        threading.Thread(target=self._look_quietly, args=(context,), daemon=True, name="watch of Spark").start()

    def _look_quietly(self, context: Any) -> None:
        from py4j.protocol import Py4JError

        try:
            self.look_at_driver(context)
        except (Py4JError, OSError, AttributeError):
            # Spark has ended: the next statement raises the error that the run reports.
            return


class NobodyComputes(Exception):
    """Tasks wait, and there is no executor for them."""
