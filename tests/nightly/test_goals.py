"""Targets that are changed between two runs, and runs that report a day in the past."""

from datetime import date
from pathlib import Path

import pytest

from tests.conftest import SLOW, run_nightly
from tests.tiny import PLAN
from tests.warehouse.bare import CompiledProject, build

EXTRACTS = "extracts: [{files: landing/orders.csv, feeds: orders}, {files: landing/codes.csv, feeds: codes}]\n"
ORDERS = """\
order_id,customer_id,ordered_at,net,discount_codes
1,ada,2026-03-01 10:00:00,40.00,MIRA
2,bo,2026-03-12 10:00:00,30.00,MIRA
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "landing").mkdir()
    (tmp_path / "plan.yml").write_text(PLAN)
    (tmp_path / "extracts.yml").write_text(EXTRACTS)
    (tmp_path / "landing" / "orders.csv").write_text(ORDERS)
    (tmp_path / "landing" / "codes.csv").write_text("code,partner_id\nMIRA,mira\n")
    return tmp_path


MOVED = "target: 100 → 60"
PROGRESS = "select actual, status, moved_on::varchar, what_moved from goals.progress"
HISTORY = "select day::varchar, target, actual, what_moved from goals.history where day >= '2026-03-14' order by day"


def test_a_changed_target_is_shown_with_its_day(tiny: Path, project: CompiledProject):
    """Earlier targets are read from what was published."""
    (tiny / "published").mkdir()
    with build(project, tiny, date(2026, 3, 10)) as first:
        assert first.execute(PROGRESS).fetchall() == [(40.0, "on track", None, None)]
        first.execute(f"attach '{tiny / 'published' / 'marts.duckdb'}' as published; create schema published.goals")
        first.execute("create table published.goals.definitions as from warehouse.goals.definitions")

    (tiny / "plan.yml").write_text(PLAN.replace("target: 100", "target: 60"))
    with build(project, tiny, date(2026, 3, 15)) as second:
        assert second.execute(PROGRESS).fetchall() == [(70.0, "met", "2026-03-15", f"2026-03-15: {MOVED}")]
        assert second.execute(HISTORY).fetchall() == [
            ("2026-03-14", 100.0, 70.0, None),
            ("2026-03-15", 60.0, 70.0, MOVED),
        ]


@SLOW
def test_a_rebuild_keeps_the_earlier_targets_and_the_screen_shows_the_change(tiny: Path):
    first = run_nightly(tiny, AS_OF="2026-03-10")
    assert first.status == 0, first.screen
    assert first.query("select actual, status, what_moved from goals.progress") == [(40.0, "on track", None)]

    (tiny / "plan.yml").write_text(PLAN.replace("target: 100", "target: 60"))
    # Earlier targets are read from what was published, so a rebuild keeps them.
    second = run_nightly(tiny, "--rebuild", AS_OF="2026-03-15")
    assert second.status == 0, second.screen
    assert second.query(PROGRESS) == [(70.0, "met", "2026-03-15", f"2026-03-15: {MOVED}")]
    assert second.query(HISTORY) == [("2026-03-14", 100.0, 70.0, None), ("2026-03-15", 60.0, 70.0, MOVED)]
    assert f"revenue: 2026-03-15: {MOVED}" in second.screen
