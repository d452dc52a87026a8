"""Nights that build only what has something new end where one night with everything does."""

import shutil
from pathlib import Path

from tests.conftest import SAMPLE, Run, copy_inputs, run_nightly

LATE = (
    "shop_eu/orders_2026-06.csv",
    "shop_eu/refunds_2026-03.csv",  # of orders that were published long ago
    "shop_eu/orders_2025-11.csv",  # the first orders of many customers
    "crm/partners_2026-10-05.csv",
    "finance/costs.xlsx",
    "social/instagram_2026-05-31.csv",
)


def read_marts(night: Path) -> dict[str, bytes]:
    return {file.relative_to(night).as_posix(): file.read_bytes() for file in night.glob("*/*.parquet")}


def test_late_files_and_a_changed_plan_give_the_marts_of_one_night(sample_run: Run, tmp_path: Path):
    programme = copy_inputs(SAMPLE, tmp_path / "programme")
    shutil.copy(sample_run.programme / ".pseudonym_key", programme)
    for file in LATE:
        (programme / "landing" / file).unlink()
    plan = programme / "plan.yml"
    assert "lookback_days: 30" in plan.read_text()
    plan.write_text(plan.read_text().replace("lookback_days: 30", "lookback_days: 20"))
    first = run_nightly(programme)
    assert first.status == 0, first.screen

    for file in LATE:
        shutil.copy2(SAMPLE / "landing" / file, programme / "landing" / file)
    shutil.copy2(SAMPLE / "plan.yml", plan)
    second = run_nightly(programme)
    assert second.status == 0, second.screen
    assert "models and tests as they were" in second.screen
    expected = read_marts(sample_run.nights[0])
    assert {name for name, content in read_marts(second.nights[-1]).items() if content != expected[name]} == set()
