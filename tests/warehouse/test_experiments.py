"""One programme of experiments and studies, sound, running and broken, from its files to the published verdicts."""

import csv
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.landing.load import land
from orchestration.programme.programme import read_programme
from tests.conftest import REAL
from tests.warehouse.bare import CompiledProject, build, find_broken_tests, find_warnings

GEOLIFT = REAL / "geolift" / "GeoLift_Test.csv"
PLAN = "{programme: Lab, currency: EUR, timezone: Europe/Brussels}\n"
EXTRACTS = """\
extracts:
  - {files: landing/experiments.csv, feeds: experiments}
  - {files: landing/outcomes_*.csv, feeds: experiment_outcomes}
  - {files: landing/answers_*.csv, feeds: brand_lift_answers}
  - {files: landing/costs.csv, feeds: costs}
"""
DESIGNS = """\
experiment_id,design,kpi,starts_on,ends_on,campaign_id,arm_shares
conversions,randomised,orders,2026-03-01,2026-03-31,,
sleep,randomised,net_revenue,,,,
split,randomised,net_revenue,2026-03-01,2026-03-31,spring,control:90;bag:10
undeclared split,randomised,net_revenue,2026-03-01,2026-03-31,spring,
twice,randomised,net_revenue,2026-03-01,2026-03-31,,
early,randomised,net_revenue,2026-03-01,2026-03-31,,
alone,randomised,net_revenue,2026-03-01,2026-03-31,,
running,randomised,net_revenue,2026-03-01,2026-06-15,,
waiting,randomised,net_revenue,2026-03-01,2026-03-31,,
daily,randomised,orders,2026-03-01,2026-03-02,,
geolift,geo,orders,2021-04-01,2021-04-15,,
gap,geo,orders,2026-03-09,2026-03-10,,
letters,geo,orders,2026-03-09,2026-03-10,,
"""
COSTS = "cost_id,paid_on,campaign_id,amount\n1,2026-03-10,spring,100\n2,2026-05-10,spring,900\n"
# R's `sleep`: what two drugs added to the sleep of ten people.
DRUGS = {
    "new drug": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    "Control": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
}


def observe(experiment: str, arm: str, values: list[float], day: str = "") -> Iterator[tuple[Any, ...]]:
    for number, value in enumerate(values):
        yield experiment, f"{arm}-{number}", day, arm, value


def observe_all() -> Iterator[tuple[Any, ...]]:
    yield from observe("conversions", "bag", [1] * 56 + [0] * 14, day="2026-04-01")  # read on the day after the end
    yield from observe("conversions", "control", [1] * 48 + [0] * 32, day="2026-04-01")
    for arm, values in DRUGS.items():
        yield from observe("sleep", arm, values)
    for experiment in ("split", "undeclared split"):
        yield from observe(experiment, "control", [5, 10, 15] * 60)
        yield from observe(experiment, "bag", [25, 30, 35, 30] * 5)
    for experiment in ("twice", "early", "running"):
        yield from observe(experiment, "control", [5, 10, 15] * 20)
        yield from observe(experiment, "bag", [25, 30, 35] * 20)
    yield "twice", "bag-0", "", "control", 5
    yield "early", "bag-60", "2026-02-28", "bag", 30
    yield from observe("alone", "bag", [25, 30, 35] * 20)
    yield from observe("nobody declared it", "control", [1, 2])
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):  # the third is after the end
        yield from observe("daily", "control", [1, 2, 3] * 10, day)
        yield from observe("daily", "letter", [3, 4, 5] * 10, day)
        yield from observe("daily", "card", [1, 2, 3] * 10, day)
    # Of ghent one day was not delivered; somebody called the addresses of a test of letters regions.
    for day in range(1, 11):
        yield from (
            ("gap", region, f"2026-03-{day:02d}", arm, 5)
            for region, arm in (("brussels", "talks"), ("liège", "control"))
        )
        if day != 4:
            yield "gap", "ghent", f"2026-03-{day:02d}", "control", 5
            yield from (
                ("letters", f"{name}@mail.example", f"2026-03-{day:02d}", arm, 5)
                for name, arm in (("jo", "letter"), ("bo", "control"))
            )
    if GEOLIFT.is_file():
        with GEOLIFT.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                arm = "campaign" if row["location"] in ("chicago", "portland") else "control"
                yield "geolift", row["location"], row["date"], arm, row["Y"]


def answer(study: str, cell: str, stratum: str, yes: int, n: int, empty: int = 0) -> Iterator[tuple[str, ...]]:
    for number in range(n + empty):
        said = "" if number >= n else "yes" if number < yes else "no"
        yield study, f"{cell}-{stratum}-{number}", "aware", cell, said, stratum


def answer_all() -> Iterator[tuple[str, ...]]:
    yield from answer("newcombe", "exposed", "", 56, 70, empty=7)
    yield from answer("newcombe", "control", "", 48, 80, empty=8)
    # Among the young 80 % know the brand, among the old 20 %, exposed or not; the exposed are mostly young.
    for cell, young, old in (("exposed", 900, 100), ("control", 100, 900)):
        yield from answer("mixed", cell, "young", young * 8 // 10, young)
        yield from answer("mixed", cell, "old", old * 2 // 10, old)
    yield from answer("both", "exposed", "", 40, 80)
    yield from answer("both", "control", "", 20, 80)


def write(file: Path, header: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(header.split(","))
        writer.writerows(rows)


@pytest.fixture(scope="module")
def lab(project: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    programme = tmp_path_factory.mktemp("lab")
    landing = programme / "landing"
    landing.mkdir()
    (programme / "plan.yml").write_text(PLAN)
    (programme / "extracts.yml").write_text(EXTRACTS)
    (landing / "experiments.csv").write_text(DESIGNS)
    (landing / "costs.csv").write_text(COSTS)
    write(landing / "outcomes_2026-06-01.csv", "experiment_id,unit_id,observed_on,arm,value", observe_all())
    answers = "study_id,respondent_id,question,cell,answer,stratum"
    write(landing / "answers_2026-06-01.csv", answers, answer_all())
    moved = ("both", "exposed--0", "aware", "control", "no", "")
    write(landing / "answers_2026-06-02.csv", answers, iter([moved]))
    with build(project, programme, date(2026, 6, 15)) as marts:
        assert find_broken_tests(project, marts) == {}
        yield marts


def find(lab: duckdb.DuckDBPyConnection, experiment: str, columns: str, arm: str = "%") -> tuple:
    [row] = lab.execute(
        f"select {columns} from results.incrementality where experiment_id = '{experiment}' and arm like '{arm}'"
    ).fetchall()
    return row


def test_conversions_are_newcombes_published_example(lab: duckdb.DuckDBPyConnection):
    """Newcombe (1998), Statistics in Medicine 17:873, table II, method 10: 56/70 against 48/80."""
    figures = find(lab, "conversions", "method, units, control_units, verdict, effect_per_unit, ci_low, ci_high")
    assert figures[:4] == ("newcombe", 70, 80, "lift")
    assert figures[4:] == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_means_are_students_sleep(lab: duckdb.DuckDBPyConnection):
    """R: t.test(extra ~ group, data = sleep): p-value = 0.07939, -3.3654832 to 0.2054832. Ten people, some of whom slept
    less, could not have shown a doubling; and without dates nobody knows when the experiment was over."""
    figures = find(lab, "sleep", "method, verdict, effect_per_unit, ci_low, ci_high, p_value, reason")
    assert figures[:2] == ("welch", "too few units")
    assert figures[2:6] == pytest.approx((-1.58, -3.3654832, 0.2054832, 0.07939), abs=5e-6)
    assert "doubling" in figures[6]
    assert "it has no last day (ends_on)" in figures[6]


def test_a_declared_split_is_judged_and_an_undeclared_one_is_a_mismatch(lab: duckdb.DuckDBPyConnection):
    assert find(lab, "split", "units, control_units, effect_per_unit, verdict") == (20, 180, 20.0, "lift")
    verdict, effect, reason = find(lab, "undeclared split", "verdict, effect_per_unit, reason")
    assert (verdict, effect) == ("invalid", None)
    assert reason == "sample ratio mismatch: 180 of 200 units are in control, where 50.0 % belong"


def test_iroas_is_what_was_measured_over_what_was_paid_in_those_days(lab: duckdb.DuckDBPyConnection):
    """20 for each of 20 units, for 100 paid in March; the 900 of May are another story."""
    assert find(lab, "split", "incremental_total, cost, iroas") == (400.0, 100, 4.0)
    assert find(lab, "undeclared split", "iroas") == (None,)


@pytest.mark.parametrize(
    ("experiment", "verdict", "reason"),
    [
        ("twice", "invalid", "1 units are in two arms"),
        ("early", "invalid", "1 outcomes are from before it started"),
        ("alone", "invalid", "no unit is in the arm control"),
        ("running", "running", "its last day is 2026-06-15"),
        ("waiting", "no outcomes", "no outcome was delivered: add an entry that feeds experiment_outcomes"),
        ("nobody declared it", "invalid", "no delivery of experiments declares it"),
    ],
)
def test_what_cannot_be_judged_has_a_reason_and_no_figures(
    lab: duckdb.DuckDBPyConnection, experiment: str, verdict: str, reason: str
):
    found = find(lab, experiment, "verdict, reason, effect_per_unit, incremental_total, ci_low, p_value, method")
    assert found[0] == verdict
    assert reason in found[1]
    assert found[2:] == (None,) * 5


def test_days_are_added_up_to_the_last_one_and_arms_are_judged_together(lab: duckdb.DuckDBPyConnection):
    """Two days of two more are four; the third day is after the end. The other arm does what control does."""
    assert find(lab, "daily", "effect_per_unit, incremental_total, verdict", "letter") == (4.0, 120.0, "lift")
    assert find(lab, "daily", "effect_per_unit, p_value, p_value_adjusted, verdict", "card") == (
        0.0,
        1.0,
        1.0,
        "no lift shown",
    )
    p_value, adjusted = find(lab, "daily", "p_value, p_value_adjusted", "letter")
    assert adjusted == pytest.approx(2 * p_value)


def test_each_broken_experiment_is_named_in_a_warning(lab: duckdb.DuckDBPyConnection, project: CompiledProject):
    """tests/nightly/test_odd_programme.py has one of them on the screen."""
    warnings = "\n".join(find_warnings(project, lab))
    for line in (
        "experiment twice: 1 units are in two arms",
        "experiment early: 1 outcomes are from before it started",
        "experiment undeclared split: 180 of 200 units are in control",
        "study both: 1 respondents are in both cells",
    ):
        assert line in warnings


def test_a_region_keeps_its_name_and_a_person_does_not(lab: duckdb.DuckDBPyConnection):
    """A market is not a person. A unit of another design may be, and an address always is."""
    assert "1 of them of ghent" in find(lab, "gap", "reason")[0]
    units = dict(
        lab.execute(
            "select experiment_id, list_sort(list(distinct unit_id)) from intermediate.int_experiment_outcomes_latest"
            " where experiment_id in ('gap', 'letters', 'daily', 'nobody declared it') group by all"
        ).fetchall()
    )
    assert units.pop("gap") == ["brussels", "ghent", "liège"]
    assert all(re.fullmatch("[0-9a-f]{32}", unit) for names in units.values() for unit in names)
    assert set(units) == {"letters", "daily", "nobody declared it"}


@pytest.mark.skipif(not GEOLIFT.is_file(), reason=f"the real data is not here: {GEOLIFT}")
def test_the_file_of_the_walkthrough_is_read_as_it_is(project: CompiledProject, tmp_path: Path):
    """It has no column for the arm: two entries say whose rows are whose."""
    (tmp_path / "landing").mkdir()
    shutil.copy(GEOLIFT, tmp_path / "landing" / "cities.csv")
    (tmp_path / "landing" / "experiments.csv").write_text(
        "experiment_id,design,kpi,starts_on,ends_on\ncities,geo,orders,2021-04-01,2021-04-15\n"
    )
    (tmp_path / "plan.yml").write_text(PLAN)
    entry = (
        "  - {{files: landing/cities.csv, name: {1}, feeds: experiment_outcomes, {0}: {{location: [chicago, portland]}},"
        " columns: {{unit_id: location, observed_on: date, value: Y}}, values: {{experiment_id: cities, arm: {1}}}}}\n"
    )
    (tmp_path / "extracts.yml").write_text(
        "extracts:\n  - {files: landing/experiments.csv, feeds: experiments}\n"
        + entry.format("keep", "campaign")
        + entry.format("drop", "control")
    )
    landing = land(read_programme(tmp_path))
    assert (landing.refusals, landing.warnings, landing.quarantined_examples) == ((), (), ())
    rows = {delivery.entry: (delivery.rows_kept, delivery.rows_dropped) for delivery in landing.deliveries}
    assert rows == {"experiments": (1, 0), "campaign": (210, 3990), "control": (3990, 210)}
    with build(project, tmp_path, date(2026, 6, 15)) as marts:
        lift, total, verdict = find(marts, "cities", "relative_lift, incremental_total, verdict")
        assert (lift, total) == pytest.approx((0.054, 4667), rel=0.01)
        assert verdict == "lift"
        cities = marts.execute("select distinct unit_id from intermediate.int_geo_outcomes").fetchall()
    assert len(cities) == 40 and ("new york",) in cities


@pytest.mark.skipif(not GEOLIFT.is_file(), reason=f"the real data is not here: {GEOLIFT}")
def test_the_published_geo_walkthrough_comes_out_of_the_marts(lab: duckdb.DuckDBPyConnection):
    """facebookincubator/GeoLift, walkthrough: 5.4 % lift, 155.556 per day and location, 4,667 in all; a naive difference
    in differences says 9.2 %."""
    lift, effect, total, units, days, verdict = find(
        lab, "geolift", "relative_lift, effect_per_unit, incremental_total, units, days, verdict"
    )
    assert (lift, effect, total) == pytest.approx((0.054, 155.556, 4667), rel=0.01)
    assert (units, days, verdict) == (2, 15, "lift")
    [(treated_days, mean)] = lab.execute(
        "select count(*), avg(effect_per_unit) from results.incrementality_daily where is_treated"
    ).fetchall()
    assert (treated_days, mean) == (15, pytest.approx(effect))


def test_a_study_without_strata_is_newcombes_published_example(lab: duckdb.DuckDBPyConnection):
    [row] = lab.execute(
        "select stratum, exposed_n, exposed_unanswered, control_unanswered, verdict, absolute_lift, ci_low, ci_high"
        " from results.brand_lift where study_id = 'newcombe'"
    ).fetchall()
    assert row[:5] == ("all", 70, 7, 8, "lift")
    assert row[5:] == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_study_whose_cells_differ_in_mix_is_not_fooled(lab: duckdb.DuckDBPyConnection):
    """Added up 740 of 1,000 exposed say yes and 260 of 1,000 in control, and no stratum shows any difference."""
    rows = lab.execute(
        "select stratum, exposed_yes, control_yes, absolute_lift, verdict from results.brand_lift"
        " where study_id = 'mixed' order by stratum"
    ).fetchall()
    assert [row[0] for row in rows] == ["all", "old", "young"]
    assert rows[0][1:] == (740, 260, pytest.approx(0), "no lift shown")


def test_a_respondent_in_both_cells_makes_a_study_invalid(lab: duckdb.DuckDBPyConnection):
    """The second delivery has the same key, so its row replaces the first: the contradiction is found all the same."""
    assert lab.execute(
        "select verdict, absolute_lift, p_value, respondents_in_two_cells from results.brand_lift where study_id = 'both'"
    ).fetchall() == [("invalid", None, None, 1)]
