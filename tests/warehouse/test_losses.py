"""When Spark has work and nobody who does it."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestration.programme.repository import DBT_PROJECT


@pytest.fixture
def losses(monkeypatch: pytest.MonkeyPatch):
    """The module without dbt-spark around it, which only the group `spark` installs."""
    from importlib.util import module_from_spec, spec_from_file_location

    file = Path(DBT_PROJECT, "plugins/dbt/adapters/sparksession/losses.py")
    spec = spec_from_file_location("losses", file)
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "losses", module)
    spec.loader.exec_module(module)
    return module


def stage(finished: int, total: int) -> SimpleNamespace:
    return SimpleNamespace(num_completed_tasks=finished, num_tasks=total)


def test_only_tasks_that_wait_without_any_that_runs_are_a_loss(losses):
    now = SimpleNamespace(seconds=0.0)
    watch = losses.Watch(minutes=10, clock=lambda: now.seconds)

    def look(minute: float, finished: int, running: int, operation: str = "a") -> None:
        now.seconds = minute * 60
        watch.look_at_server([stage(finished, 8)], running, operation, done=False)

    look(0, 0, 0)
    look(9, 0, 0)
    # One that works says that others wait for their turn.
    look(9.5, 3, 2, "b")
    look(19, 0, 0)
    look(19.4, 8, 0, "b")
    look(29, 0, 0)
    # What begins after a pause has not waited yet, and a new task that is finished is work, too.
    look(60, 0, 0, "c")
    look(69, 1, 0, "c")
    look(78, 1, 0, "c")
    with pytest.raises(losses.NobodyComputes, match="waits for 7 tasks, and no executor has run any for 10 minutes"):
        look(79.5, 1, 0, "c")


def test_the_first_reason_stays(losses):
    assert losses.find_loss() is None
    losses.note_loss("the server is gone")
    losses.note_loss("and so is the session")
    assert losses.find_loss() == "the server is gone"
    losses.forget_loss()
    assert losses.find_loss() is None
