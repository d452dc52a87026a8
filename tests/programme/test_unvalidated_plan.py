"""Owners that Dagster shows, read before the plan is validated."""

from pathlib import Path

import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.unvalidated_plan import read_owners
from tests.conftest import SAMPLE


def test_owners_of_objectives_and_goals_are_read_once_each():
    assert read_owners(ProgrammeFolder(SAMPLE)) == ("jo@northwind.example", "sam@northwind.example")


@pytest.mark.parametrize(
    "plan",
    [
        None,
        "objectives: [",
        "[]",
        "objectives: 3",
        "objectives: [grow]",
        "objectives: [{id: a, owner: The whole team}, {id: b, owner: [x]}, {id: c, owner: 3, goals: }]",
    ],
)
def test_a_plan_that_is_not_right_yet_has_no_owners(tmp_path: Path, plan: str | None):
    if plan:
        (tmp_path / "plan.yml").write_text(plan)
    assert read_owners(ProgrammeFolder(tmp_path)) == ()
