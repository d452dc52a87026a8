"""Experiments that would prove a goal: planned by person by every run, by region when asked; sizes by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.cli import plan_experiment
from orchestration.programme.folder import ProgrammeFolder
from orchestration.programme.planned_experiments import read_planned_experiments
from orchestration.warehouse.database import warehouse_file
from tests.warehouse.bare import CompiledProject, build
from tests.warehouse.programmes import Extracts, deliver, start_programme

DAYS = "target: 9, baseline: 0, starts_on: 2026-01-01, ends_on: 2026-02-28"
PLAN = f"""\
programme: Planned
currency: EUR
timezone: UTC
lookback_days: 30
objectives:
  - id: all
    statement: We know what works.
    owner: jo
    goals:
      - {{id: proof, kpi: orders, {DAYS}, evidence: experiment}}
      - {{id: tracked, kpi: net_revenue, {DAYS}, evidence: tracked}}
      - {{id: ratio, kpi: roas, {DAYS}, evidence: experiment}}
      - {{id: someday, target: 9}}
"""
AS_OF = date(2026, 2, 1)


def order(order_id: str, customer_id: str, day: date, region: str = "") -> dict[str, str]:
    return {"order_id": order_id, "customer_id": customer_id, "ordered_at": str(day), "net": "10.00", "region": region}


def list_orders() -> Extracts:
    """50 customers buy on 1 January and 10 of them again on the 29th, the newest day; nobody knows who bought the rest, in
    three regions on each of the 90 days up to it."""
    orders = [order(f"first-{number}", f"c{number}", date(2026, 1, 1)) for number in range(50)]
    orders += [order(f"again-{number}", f"c{number}", date(2026, 1, 29)) for number in range(10)]
    for back in range(90):
        day = date(2026, 1, 29) - timedelta(days=back)
        for size, region in enumerate(("north", "east", "south"), start=3):
            count = 2 * size + (day.weekday() // 5) * size + (back * size) % 3
            orders += [order(f"{region}-{back}-{number}", "", day, region) for number in range(count)]
    return {"orders": orders}


@pytest.fixture
def programme(folders: Iterator[Path]) -> Path:
    extracts = list_orders()
    folder = start_programme(next(folders), PLAN, extracts)
    for extract, rows in extracts.items():
        deliver(folder, extract, rows)
    return folder


def test_a_goal_is_planned_where_an_experiment_is_asked_for(
    project: CompiledProject, programme: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    folder = ProgrammeFolder(programme)
    folder.warehouse.mkdir()
    with build(project, programme, AS_OF, database=warehouse_file(folder)) as warehouse:
        # In 28 days 10 of 50 buy: 20 % and 30 % take 294 in each group (R: power.prop.test(p1 = .2, p2 = .3, power = .8)
        # gives 293.2). In 14 days 10 of 100 do, and 686 would be needed.
        half = "select * exclude (goal_id, kpi) from goals.experiments_needed where goal_id = 'proof'"
        assert warehouse.execute(f"{half} and detectable_relative_lift = 0.5").fetchall() == [
            ("randomised", 0.5, 294, None, 28, 50, False, "formula", None, "2 groups of 294 customers for 28 days would be needed, and there are 50")
        ]  # fmt: skip
        found = warehouse.execute(
            "select goal_id, count(*), bool_or(is_feasible) from goals.experiments_needed group by all order by all"
        ).fetchall()
        assert found == [("proof", 4, False), ("ratio", 4, False)]
        [(reason,)] = warehouse.execute(
            "select distinct reason from goals.experiments_needed where goal_id = 'ratio'"
        ).fetchall()
        assert reason.startswith("effects of experiments cannot be added up to a ratio")

    monkeypatch.setenv("PROGRAMME", str(programme))
    monkeypatch.setenv("GOAL", "proof")
    assert plan_experiment.main() == 0
    said = capsys.readouterr().out
    assert "of 50 whom the programme knows" in said
    assert "294" in said
    assert "686" in said
    assert "simulating tests on 90 past days" in said
    monkeypatch.setenv("GOAL", "tracked")
    assert plan_experiment.main() == 0

    # The next run publishes both answers; a goal that asks for no experiment has rows now, too.
    with build(project, programme, AS_OF) as warehouse:
        found = warehouse.execute(
            "select goal_id, design, count(*) from goals.experiments_needed group by all order by all"
        ).fetchall()
        assert found == [
            ("proof", "geo", 3),
            ("proof", "randomised", 4),
            ("ratio", "randomised", 4),
            ("tracked", "geo", 3),
            ("tracked", "randomised", 4),
        ]
        kept = read_planned_experiments(folder)
        geo = "select days, detectable_relative_lift, regions, false_positive_ratio, is_feasible, reason from"
        assert warehouse.execute(
            f"{geo} goals.experiments_needed where goal_id = 'proof' and design = 'geo' order by days"
        ).fetchall() == [
            tuple(row[name] for name in ("days", "detectable_relative_lift", "regions", "false_positive_ratio", "is_feasible", "reason"))
            for row in kept
            if row["goal_id"] == "proof" and row["design"]
        ]  # fmt: skip
        by_days = {row["days"]: row for row in kept if row["goal_id"] == "proof"}
        assert by_days[42]["reason"] == "a test of 42 days is planned from 219 days of orders; there are 90"
        assert by_days[14]["false_positive_ratio"] is not None


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("", "Which goal? The plan has: proof, ratio, someday, tracked. Say: GOAL=its id"),
        ("nothing", "No goal is called nothing. The plan has: proof, ratio, someday, tracked. Say: GOAL=its id"),
        ("someday", "someday has no KPI yet, so nobody knows what to measure: name one in plan.yml"),
    ],
)
def test_an_unknown_goal_is_answered_with_those_that_there_are(goal, said, tmp_path, monkeypatch, capsys):
    folder = ProgrammeFolder(tmp_path)
    folder.raw.mkdir(parents=True)
    with duckdb.connect(warehouse_file(folder)) as warehouse:
        warehouse.execute("create schema goals; create table goals.progress (goal_id text, kpi text)")
        warehouse.execute(
            "insert into goals.progress values ('tracked', 'orders'), ('proof', 'orders'), ('ratio', 'roas'), ('someday', null)"
        )
    monkeypatch.setenv("PROGRAMME", str(tmp_path))
    monkeypatch.setenv("GOAL", goal)
    assert plan_experiment.main() == 1
    assert capsys.readouterr().err.strip() == said


def test_without_a_warehouse_the_command_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PROGRAMME", str(tmp_path))
    assert plan_experiment.main() == 1
    assert "is not built yet. What to do: make nightly" in capsys.readouterr().err


def test_a_goal_on_brand_lift_is_planned_from_the_answers_to_its_last_study(
    project: CompiledProject, folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    """25 of 100 in the control said yes: 25 % and 37.5 % take 215 in each cell (R: power.prop.test(p1 = .25, p2 = .375,
    power = .8) gives 214.7), and 220 answered in 11 days. `it's-new` names a study that there is not."""
    goals = (
        f"{{id: known, kpi: brand_lift, {DAYS}}}",
        f'{{id: "it\'s-new", kpi: brand_lift, {DAYS}, only: {{study: next}}}}',
    )
    plan = PLAN.partition("      - {")[0] + "".join(f"      - {goal}\n" for goal in goals)
    answers = [
        {
            "study_id": "spring",
            "respondent_id": f"{cell}-{number}",
            "cell": cell,
            "question": "aware",
            "answer": "yes" if number < 25 else "no",
            "answered_at": "2026-01-01" if number else "2026-01-11",
        }
        for cell, size in (("control", 100), ("exposed", 120))
        for number in range(size)
    ]
    programme = start_programme(next(folders), plan, {"brand_lift_answers": answers})
    deliver(programme, "brand_lift_answers", answers)
    folder = ProgrammeFolder(programme)
    folder.warehouse.mkdir()
    with build(project, programme, AS_OF, database=warehouse_file(folder)) as warehouse:
        found = warehouse.execute(
            "select * exclude (kpi, reason) from goals.experiments_needed where detectable_relative_lift = 0.5 order by goal_id desc"
        ).fetchall()
        assert found == [
            ("known", "survey", 0.5, 215, None, 11, 220, False, "formula", None),
            ("it's-new", "survey", 0.5, None, None, None, None, False, None, None),
        ]
        reasons = dict(warehouse.execute("select goal_id, reason from goals.experiments_needed").fetchall())
        assert reasons["it's-new"].startswith("no study that this goal can count has answers of a control")
        assert reasons["known"].endswith("would be needed, and 220 answered the last study")

    monkeypatch.setenv("PROGRAMME", str(programme))
    monkeypatch.setenv("GOAL", "known")
    assert plan_experiment.main() == 0
    said = capsys.readouterr().out
    assert "By respondent: in each of two cells" in said
    assert "215" in said
