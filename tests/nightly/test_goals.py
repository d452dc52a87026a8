"""Targets that are changed between two runs, and runs that report a day in the past."""

from pathlib import Path

import pytest

from tests.conftest import run_nightly
from tests.tiny import PLAN

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


def test_a_changed_target_is_shown_with_its_day(tiny: Path):
    first = run_nightly(tiny, AS_OF="2026-03-10")
    assert first.status == 0, first.screen
    assert first.query("select actual, status, what_moved from goals.progress") == [(40.0, "on track", None)]

    (tiny / "plan.yml").write_text(PLAN.replace("target: 100", "target: 60"))
    # Earlier targets are read from what was published, so a rebuild keeps them.
    second = run_nightly(tiny, "--rebuild", AS_OF="2026-03-15")
    assert second.status == 0, second.screen
    moved = "target: 100 → 60"
    assert second.query("select actual, status, moved_on::varchar, what_moved from goals.progress") == [
        (70.0, "met", "2026-03-15", f"2026-03-15: {moved}")
    ]
    history = (
        "select day::varchar, target, actual, what_moved from goals.history where day >= '2026-03-14' order by day"
    )
    assert second.query(history) == [("2026-03-14", 100.0, 70.0, None), ("2026-03-15", 60.0, 70.0, moved)]
    assert f"revenue: 2026-03-15: {moved}" in second.screen
