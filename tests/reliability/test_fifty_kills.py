"""Runs and rebuilds that are killed at random moments, fifty times: what is published is one whole version, and the next
run needs no repair."""

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.conftest import SLOW
from tests.reliability.interrupted_runs import PHASES, kill_run
from tests.reliability.published_state import Marts, check_published
from tests.reliability.test_kills import run_to_the_end
from tests.reliability.two_states import start_tiny, write_state

KILLS = int(os.environ.get("KILLS", "50"))
EVERY_FEW = 7


@SLOW
@pytest.mark.repeated
def test_fifty_kills_at_any_point_of_runs_and_rebuilds(tmp_path: Path):
    seed = random.Random(int(os.environ.get("SEED", "1")))
    undisturbed, programme = start_tiny(tmp_path / "undisturbed"), start_tiny(tmp_path / "programme")
    known: dict[str, Marts] = {}
    for state in ("first", "changed"):
        write_state(undisturbed, state)
        known[state] = run_to_the_end(undisturbed)
    assert known["first"] != known["changed"]

    shutil.copy(undisturbed / ".pseudonym_key", programme)
    killed = dict.fromkeys(PHASES, 0)
    phases: list[str] = []
    while sum(killed.values()) < KILLS:
        phases = phases or seed.sample(list(PHASES), len(PHASES))
        phase, state = phases.pop(), seed.choice(list(known))
        arguments = ["--rebuild"] if seed.random() < 0.2 else []
        write_state(programme, state)
        killed[phase] += kill_run(programme, phase, seed, *arguments)
        print(sum(killed.values()), phase, state, *arguments, flush=True)
        # The first run of all may have been killed before anything was published.
        if (programme / "published" / "latest.json").exists():
            assert check_published(programme) in known.values(), (phase, state)
        if sum(killed.values()) % EVERY_FEW == 0:
            assert run_to_the_end(programme) == known[state], (phase, state)
    for state, expected in known.items():
        write_state(programme, state)
        assert run_to_the_end(programme) == expected
    print(killed)
    # A few may leave a phase out.
    assert KILLS < 50 or min(killed.values()) > 0
