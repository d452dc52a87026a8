"""The sample's studies and experiments against its known truth."""

import csv
from datetime import date

import pytest

from tests.conftest import Run
from tests.nightly.test_sample import TRUTH


@pytest.fixture(scope="module")
def totals() -> dict[str, float]:
    with (TRUTH / "totals.csv").open(encoding="utf-8", newline="") as opened:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(opened)}


def test_the_study_has_the_lift_of_the_truth(sample_run: Run, totals: dict[str, float]):
    [found] = sample_run.query(
        "select exposed_n, exposed_yes, control_n, control_yes, absolute_lift from results.brand_lift"
        " where study_id = 'study-1' and question = 'heard_of_northwind' and stratum = 'all'"
    )
    names = ("exposed_n", "exposed_yes", "control_n", "control_yes", "absolute_lift")
    assert found == pytest.approx(tuple(totals[f"study_1_{name}"] for name in names), abs=1e-6)


@pytest.mark.parametrize(
    ("study", "question", "stratum", "verdict"),
    [
        ("study-1", "heard_of_northwind", "all", "lift"),
        ("study-1", "heard_of_northwind", "18-34", "lift"),
        ("study-1", "heard_of_northwind", "35+", "no lift shown"),
        ("study-1", "would_buy", "all", "no lift shown"),
        ("study-2", "heard_of_northwind", "all", "too few answers"),
    ],
)
def test_each_study_has_the_verdict_of_the_truth(
    sample_run: Run, study: str, question: str, stratum: str, verdict: str
):
    assert sample_run.query(
        "select verdict from results.brand_lift"
        f" where study_id = '{study}' and question = '{question}' and stratum = '{stratum}'"
    ) == [(verdict,)]


def test_empty_answers_are_counted_separately(sample_run: Run):
    assert sample_run.query(
        "select exposed_n, exposed_unanswered, control_n, control_unanswered from results.brand_lift"
        " where study_id = 'study-1' and question = 'would_buy' and stratum = 'all'"
    ) == [(260, 40, 260, 40)]


def test_a_sample_bag_makes_a_household_spend_three_euro_more(sample_run: Run, totals: dict[str, float]):
    [(method, units, effect, total, low, high, p_value, verdict)] = sample_run.query(
        "select method, units, effect_per_unit, incremental_total, ci_low, ci_high, p_value, verdict"
        " from results.incrementality where experiment_id = 'sample-bag'"
    )
    assert effect == pytest.approx(totals["sample_bag_effect_per_unit"])
    assert total == pytest.approx(200 * totals["sample_bag_effect_per_unit"])
    assert (method, units, verdict) == ("welch", 200, "lift")
    assert 0 < low < totals["sample_bag_effect_per_unit"] < high
    assert p_value < 0.05


def test_the_return_on_what_the_bags_cost_is_measured(sample_run: Run):
    [(total, cost, iroas)] = sample_run.query(
        "select incremental_total, cost, iroas from results.incrementality where experiment_id = 'sample-bag'"
    )
    assert iroas == pytest.approx(total / float(cost))


def test_a_geo_experiment_with_a_month_before_a_month_is_refused(sample_run: Run):
    """30 days before the start are not four times the 30 of the test."""
    [(verdict, reason, effect)] = sample_run.query(
        "select verdict, reason, effect_per_unit from results.incrementality where experiment_id = 'gym-posters'"
    )
    assert (verdict, effect) == ("invalid", None)
    assert reason.startswith("30 days before the start of a test of 30")
    assert sample_run.query("select * from results.incrementality_daily where experiment_id = 'gym-posters'") == []


def test_a_geo_experiment_with_days_enough_before_it_finds_what_was_designed(sample_run: Run, totals: dict[str, float]):
    """112 days before 28; the design is noisy, so the truth lies within the limits."""
    [(verdict, units, effect, low, high, p_value)] = sample_run.query(
        "select verdict, units, effect_per_unit, ci_low, ci_high, p_value"
        " from results.incrementality where experiment_id = 'shop-windows'"
    )
    assert (verdict, units) == ("lift", 2)
    assert 0 < low < totals["shop_windows_effect_per_unit"] < high
    assert effect == pytest.approx(totals["shop_windows_effect_per_unit"], abs=1)
    assert p_value < 0.05
    daily = "select count(*), min(day), max(day) from results.incrementality_daily"
    assert sample_run.query(f"{daily} where experiment_id = 'shop-windows'") == [
        (140, date(2026, 1, 12), date(2026, 5, 31))
    ]


def test_the_goal_that_asks_for_an_experiment_has_a_plan_for_one(sample_run: Run, totals: dict[str, float]):
    """The plan is counted from the customers of the truth, who are enough to show that margin grows by half."""
    rows = sample_run.query(
        "select goal_id, design, detectable_relative_lift, units_available, is_feasible, units_per_arm > 0"
        " from goals.experiments_needed order by all"
    )
    customers = {available for _, _, _, available, _, _ in rows}
    assert [row[:3] for row in rows] == [("proven-margin", "randomised", lift) for lift in (0.05, 0.1, 0.2, 0.5)]
    assert customers == {int(totals["customers"])}
    assert all(has_size for *_, has_size in rows)
    assert [is_feasible for *_, is_feasible, _ in rows] == [False, False, False, True]


def test_recommended_customers_are_worth_more_as_in_the_truth(sample_run: Run):
    with (TRUTH / "cohorts.csv").open(encoding="utf-8", newline="") as opened:
        truth = {row["brought_by"]: row for row in csv.DictReader(opened)}
    found = sample_run.query(
        "select brought_by, sum(case when months_since = 0 then customers end), sum(orders), sum(net_revenue)"
        " from results.cohorts where level = 'programme' group by all"
    )
    assert {name: tuple(map(float, rest)) for name, *rest in found} == {
        name: tuple(float(row[figure]) for figure in ("customers", "orders", "net_revenue"))
        for name, row in truth.items()
    }
    worth = {name: float(row["net_revenue"]) / float(row["customers"]) for name, row in truth.items()}
    assert worth["(the programme)"] > 1.3 * worth["(not brought by the programme)"]


def test_what_known_customers_bought_after_they_answered_is_no_proof(sample_run: Run):
    [(window, yes_n, no_n, verdict)] = sample_run.query(
        "select window_days, yes_n, no_n, verdict from results.brand_to_sales"
        " where study_id = 'study-1' and question = 'heard_of_northwind'"
    )
    assert window == 30
    assert min(yes_n, no_n) > 50
    assert verdict.startswith("association, not proof")


def test_every_verdict_is_on_a_study_or_experiment_that_is_over(sample_run: Run):
    assert sample_run.query("select max(ends_on) from results.incrementality") == [(date(2026, 5, 31),)]
    assert sample_run.query("select count(*) from results.incrementality where verdict = 'running'") == [(0,)]
