"""What differs between two versions, from small marts."""

from datetime import date
from pathlib import Path

from orchestration.publishing.changes import describe_changes
from tests.publishing.report.marts import SPRING, make_marts

MARCH = {"evidence": "tracked", "month": date(2026, 3, 1), "orders": 3, "net_revenue": 75}
UNMATCHED = {"extract": "clicks", "source": "ga4", "reason": "no order has this number", "rows": 7}


def write(folder: Path, name: str, rows: dict) -> Path:
    (folder / name).mkdir()
    return make_marts(folder / name / "marts.duckdb", rows)


def test_goals_months_and_new_sources_that_match_nothing_are_told(tmp_path: Path):
    before = {
        "goals.progress": [SPRING, SPRING | {"goal_id": "old"}, SPRING | {"goal_id": "same"}],
        "results.evidence": [MARCH, MARCH | {"month": date(2026, 2, 1)}],
    }
    after = {
        "goals.progress": [SPRING | {"status": "met"}, SPRING | {"goal_id": "new"}, SPRING | {"goal_id": "same"}],
        "results.evidence": [MARCH | {"orders": 2, "net_revenue": 50.5}, MARCH | {"month": date(2026, 2, 1)}],
        "results.unmatched": [UNMATCHED],
    }
    assert describe_changes(write(tmp_path, "1", before), write(tmp_path, "2", after), "EUR") == [
        "Goal new is new: behind.",
        "Goal old is no longer in the plan; it was behind.",
        "Goal spring was behind and is met.",
        "March 2026: −1 order, −24.50 EUR of net revenue.",
        "New in what joins nothing: 7 rows of clicks (ga4): no order has this number.",
    ]


def test_the_same_figures_are_no_change(tmp_path: Path):
    rows = {"goals.progress": [SPRING], "results.evidence": [MARCH], "results.unmatched": [UNMATCHED]}
    assert describe_changes(write(tmp_path, "1", rows), write(tmp_path, "2", rows), "EUR") == []
