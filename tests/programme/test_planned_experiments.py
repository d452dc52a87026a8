"""Answers of make plan-experiment are kept, replaced by goal, and read by the next run."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.planned_experiments import (
    FIELDS,
    UnreadablePlannedExperiments,
    read_planned_experiments,
    write_planned_experiments,
)

GEO = {**dict.fromkeys(FIELDS), "design": "geo", "days": 14, "is_feasible": False, "reason": "too short"}


def test_a_later_answer_replaces_the_one_for_the_same_goal(tmp_path: Path):
    folder = ProgrammeFolder(tmp_path)
    assert read_planned_experiments(folder) == []
    write_planned_experiments(folder, "proof", "orders", date(2026, 3, 1), [GEO])
    write_planned_experiments(folder, "above", "roas", date(2026, 3, 1), [])
    write_planned_experiments(folder, "proof", "net_revenue", date(2026, 3, 2), [GEO, GEO])
    rows = read_planned_experiments(folder)
    assert [(row["goal_id"], row["kpi"], str(row["asked_on"]), row["design"]) for row in rows] == [
        ("above", "roas", "2026-03-01", None),
        ("proof", "net_revenue", "2026-03-02", None),
        ("proof", "net_revenue", "2026-03-02", "geo"),
        ("proof", "net_revenue", "2026-03-02", "geo"),
    ]
    assert rows[3]["reason"] == "too short"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        '{"g": 1}',
        '{"g": {"kpi": "orders", "asked_on": "soon", "geo": []}}',
        '{"g": {"kpi": "orders", "asked_on": "2026-03-01", "geo": [{"days": 1}]}}',
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, text: str):
    folder = ProgrammeFolder(tmp_path)
    folder.published.mkdir()
    folder.planned_experiments_file.write_text(text)
    with pytest.raises(UnreadablePlannedExperiments, match=r"planned_experiments\.json cannot be read .*delete it"):
        read_planned_experiments(folder)
