"""Files that come late and a plan that is corrected: the marts are those of one run with everything from the start."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import SAMPLE, SLOW, TODAY, Run, copy_inputs, run_nightly
from tests.warehouse.bare import CompiledProject, build, find_different_marts, read_marts

LATE = (
    "shop_eu/orders_2026-06.csv",
    "shop_eu/refunds_2026-03.csv",  # of orders that were published long ago
    "shop_eu/orders_2025-11.csv",  # the first orders of many customers
    "crm/partners_2026-10-05.csv",
    "finance/costs.xlsx",
    "social/instagram_2026-05-31.csv",
)


@pytest.fixture
def programme(sample_run: Run, tmp_path: Path) -> Path:
    """The sample without the late files, and with another lookback."""
    programme = copy_inputs(SAMPLE, tmp_path / "programme")
    shutil.copy(sample_run.programme / ".pseudonym_key", programme)
    for file in LATE:
        (programme / "landing" / file).unlink()
    plan = programme / "plan.yml"
    assert "lookback_days: 30" in plan.read_text()
    plan.write_text(plan.read_text().replace("lookback_days: 30", "lookback_days: 20"))
    return programme


def deliver_late_files(programme: Path) -> None:
    for file in LATE:
        shutil.copy2(SAMPLE / "landing" / file, programme / "landing" / file)
    shutil.copy2(SAMPLE / "plan.yml", programme / "plan.yml")


def read_parquet(version: Path) -> dict[str, bytes]:
    return {file.relative_to(version).as_posix(): file.read_bytes() for file in version.glob("*/*.parquet")}


@SLOW
def test_late_files_and_a_corrected_plan_give_the_marts_of_one_build(
    programme: Path, sample_run: Run, project: CompiledProject
):
    """Built from what dbt compiled, by DuckDB alone; the published marts are those of a whole run."""
    as_of = date.fromisoformat(TODAY)
    with build(project, programme, as_of) as marts:
        first = read_marts(marts)
    deliver_late_files(programme)
    with build(project, programme, as_of) as marts:
        assert find_different_marts(sample_run.programme / "published" / "marts.duckdb", marts) == []
        assert read_marts(marts) != first


@SLOW
def test_late_files_and_a_corrected_plan_give_the_files_of_one_run(programme: Path, sample_run: Run):
    first = run_nightly(programme)
    assert first.status == 0, first.screen
    deliver_late_files(programme)
    second = run_nightly(programme)
    assert second.status == 0, second.screen
    expected = read_parquet(sample_run.versions[0])
    assert {name for name, content in read_parquet(second.versions[-1]).items() if content != expected[name]} == set()
