"""A goal that is changed keeps its history: which version holds on which day."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orchestration.programme import read_programme
from orchestration.programme.goal_versions import (
    HISTORY_FIELDS,
    GoalVersion,
    UnreadableGoalHistory,
    read_published_goals,
    update_goal_versions,
)
from orchestration.programme.plan import Plan
from tests.conftest import SAMPLE

PLAN = """\
programme: N
currency: EUR
timezone: UTC
objectives:
  - id: grow
    statement: Grow.
    goals:
      - id: spring
        kpi: net_revenue
        target: 100
        baseline: 0.1
        starts_on: 2026-03-01
        ends_on: 2026-03-31
        only: {campaign: [b, a]}
"""


@pytest.fixture
def read(tmp_path: Path):
    def write_and_read(text: str) -> Plan:
        (tmp_path / "landing").mkdir(exist_ok=True)
        (tmp_path / "plan.yml").write_text(text)
        (tmp_path / "extracts.yml").write_text("extracts: []\n")
        return read_programme(tmp_path).plan

    return write_and_read


def publish(versions: list[GoalVersion]) -> list[GoalVersion]:
    """What comes back from goals.definitions: amounts as floating point, without the mark of the current one."""
    return [
        replace(
            version,
            target=None if version.target is None else float(version.target),
            baseline=None if version.baseline is None else float(version.baseline),
            is_current=False,
        )
        for version in versions
    ]


def show(versions: list[GoalVersion]) -> list[tuple]:
    return [
        (each.goal_id, each.version, each.first_seen_on.day, float(each.target), each.is_current) for each in versions
    ]


def test_the_first_run_makes_the_first_version(read):
    [version] = update_goal_versions(read(PLAN), [], date(2026, 3, 5))
    assert show([version]) == [("spring", 1, 5, 100.0, True)]
    assert version.narrowed_to == '{"campaign": ["a", "b"]}'
    assert list(version.filters) == [("campaign", "a"), ("campaign", "b")]


def test_nothing_is_new_where_nothing_was_changed(read):
    first = update_goal_versions(read(PLAN), [], date(2026, 3, 5))
    reworded = PLAN.replace("[b, a]", "[a, b]").replace("Grow.", "Grow more.").replace("target: 100", "target: 100.0")
    again = update_goal_versions(read(reworded), publish(first), date(2026, 3, 9))
    assert show(again) == [("spring", 1, 5, 100.0, True)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("net_revenue", "orders"),
        ("target: 100", "target: 101"),
        ("baseline: 0.1", "baseline: 0.2"),
        ("2026-03-31", "2026-04-30"),
        ("[b, a]", "[b]"),
        ("        only", "        evidence: said\n        only"),
    ],
)
def test_a_change_makes_the_next_version_and_keeps_the_one_before(read, before: str, after: str):
    first = update_goal_versions(read(PLAN), [], date(2026, 3, 5))
    second = update_goal_versions(read(PLAN.replace(before, after)), publish(first), date(2026, 3, 9))
    assert [(each.version, each.first_seen_on.day, each.is_current) for each in second] == [(1, 5, False), (2, 9, True)]


def test_a_goal_that_is_removed_keeps_its_versions_and_gets_a_new_one_when_it_returns(read):
    first = update_goal_versions(read(PLAN), [], date(2026, 3, 5))
    without = update_goal_versions(read(PLAN.split("    goals:")[0]), publish(first), date(2026, 3, 6))
    assert show(without) == [("spring", 1, 5, 100.0, False)]
    back = update_goal_versions(read(PLAN.replace("target: 100", "target: 90")), publish(without), date(2026, 3, 7))
    assert show(back) == [("spring", 1, 5, 100.0, False), ("spring", 2, 7, 90.0, True)]


def test_a_run_for_an_earlier_day_dates_no_change_before_a_known_one(read):
    first = update_goal_versions(read(PLAN), [], date(2026, 3, 5))
    changed = update_goal_versions(read(PLAN.replace("target: 100", "target: 90")), publish(first), date(2026, 3, 1))
    assert show(changed)[1] == ("spring", 2, 5, 90.0, True)


def test_before_the_first_run_no_version_is_known(tmp_path: Path):
    assert read_published_goals(tmp_path / "marts.duckdb") == []


def test_published_versions_that_cannot_be_read_are_an_error_and_not_ignored(tmp_path: Path):
    marts = tmp_path / "marts.duckdb"
    marts.write_bytes(b"no database" * 1000)
    with pytest.raises(UnreadableGoalHistory, match=r"marts\.duckdb cannot be read.*or delete it"):
        read_published_goals(marts)


@pytest.mark.parametrize("dropped", ["evidence", "narrowed_to", "target", "starts_on"])
def test_a_column_that_an_older_release_did_not_publish_makes_no_new_version(tmp_path: Path, dropped: str):
    plan = read_programme(SAMPLE).plan
    versions = update_goal_versions(plan, [], date(2026, 1, 1))
    names = [name for name in HISTORY_FIELDS if name != dropped]
    table = pa.table({name: [getattr(version, name) for version in versions] for name in names})
    with duckdb.connect(tmp_path / "marts.duckdb") as published:
        published.execute("create schema goals")
        published.register("definitions", table)
        published.execute("create table goals.definitions as from definitions")
    known = read_published_goals(tmp_path / "marts.duckdb")
    assert {version.unknown for version in known} == {frozenset([dropped])}
    again = update_goal_versions(plan, known, date(2026, 5, 1))
    assert {(v.goal_id, v.version, v.definition) for v in again} == {(v.goal_id, 1, v.definition) for v in versions}
