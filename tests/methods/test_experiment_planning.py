"""Sizes of experiments: formulas against published figures, and the power that planned experiments reach."""

import math

import numpy as np
import pandas as pd
import pytest
from experiment_planning import LIFTS, correct_size, find_size_for_means, plan_randomised, plan_size
from means import Sample
from scipy.stats import norm

from benchmarks.coverage import SEED, count, draw_lognormal, draw_share, shows_lift

Z = norm.ppf(0.975) + norm.ppf(0.8)


def sample(values: dict[float, int]) -> Sample:
    return Sample(np.array(list(values), float), np.array(list(values.values()), np.int64))


def test_shares_take_as_many_as_the_usual_formula_says():
    """5 % and 5.5 %: 2 × 0.0525 × 0.9475 pooled, 1.959964 and 0.841621 standard errors: 31,234 in each group, as in R:
    power.prop.test(p1 = .05, p2 = .055, power = .8) gives 31234.4."""
    plan = plan_size(sample({0: 95, 1: 5}), 0.1, most=0)
    assert plan == {"units_per_arm": 31_234, "method": "formula"}


def test_means_take_as_many_as_the_t_test():
    """Mean 10, standard deviation 4 (nearly), 20 % more: the treated's is 4.8, the effect 2. Without the t-distribution
    it would be (1.96 + 0.84)² × (16 + 23.04) / 4 = 76.6."""
    outcomes = sample({6: 50_000, 14: 50_000})
    normal = Z**2 * (16 + 1.2**2 * 16) / 2**2
    assert math.ceil(normal) <= find_size_for_means(outcomes, 0.2) <= normal + 2


def test_a_lift_that_is_half_takes_four_times_as_many():
    outcomes = sample({0: 900, 10: 60, 30: 40})
    sizes = [plan_size(outcomes, lift, most=0)["units_per_arm"] for lift in (0.05, 0.1)]
    assert sizes[0] / sizes[1] == pytest.approx(4 * (1 + 1.05**2) / (1 + 1.1**2), rel=0.001)


@pytest.mark.parametrize(
    ("outcomes", "lift"),
    [
        (sample({0: 20, 10: 9}), 0.5),  # 29 outcomes say nothing of all
        (sample({0: 500}), 0.5),  # nothing that could grow
        (sample({-5: 300, 1: 200}), 0.5),  # more refunds than sales
        (sample({0: 100, 1: 300}), 0.5),  # 75 % cannot become 112 %
        (sample({3: 500}), 0.5),  # nobody differs: chance is unknown
    ],
)
def test_what_cannot_be_planned_has_no_size(outcomes: Sample, lift: float):
    assert plan_size(outcomes, lift, most=1000) == {}


def test_no_plan_asks_for_fewer_than_a_verdict_takes():
    assert plan_size(sample({9: 50, 11: 50}), 0.5, most=0)["units_per_arm"] == 10
    assert plan_size(sample({0: 40, 1: 60}), 0.5, most=0)["units_per_arm"] >= 30


def test_a_size_is_corrected_by_the_power_that_it_has():
    assert correct_size(100, 0.8) == 100
    assert correct_size(100, 0.5) == math.ceil(100 * (Z / norm.ppf(0.975)) ** 2)
    assert correct_size(100, 0.95) < 70


def test_nothing_is_simulated_without_people_enough_or_beyond_the_test_that_fits():
    """Heavy-tailed outcomes: 14 and 28 days fit for 50 %, so only the shorter is simulated; 5 % fits in none."""
    rng = np.random.default_rng(SEED)
    values, units = np.unique(np.round(draw_lognormal(rng, 400), 1), return_counts=True)
    one = pd.DataFrame({"measure": "net_revenue", "value": values, "units": units, "units_available": 1000})
    plans = plan_randomised(pd.concat([one.assign(days=14), one.assign(days=28)]))
    assert len(plans) == 2 * len(LIFTS)
    methods = plans.set_index(["days", "detectable_relative_lift"])["method"]
    assert methods[14, 0.5] == "simulation"
    assert methods[28, 0.5] == methods[14, 0.05] == "formula"


def test_the_same_outcomes_give_the_same_plan_in_any_order():
    frame = pd.DataFrame(
        {"measure": "orders", "days": 14, "value": [0.0, 1.0, 2.0], "units": [90, 5, 5], "units_available": 100}
    )
    pd.testing.assert_frame_equal(plan_randomised(frame), plan_randomised(frame.iloc[::-1]))


def test_no_outcomes_give_no_plans_of_the_same_types():
    frame = pd.DataFrame({"measure": [], "days": [], "value": [], "units": [], "units_available": []})
    assert plan_randomised(frame).empty
    assert str(plan_randomised(frame)["units_per_arm"].dtype) == "Int64"


@pytest.mark.parametrize(("draw", "lift"), [(draw_share, 0.5), (draw_lognormal, 0.5)])
def test_planned_experiments_reach_their_power(draw, lift: float):
    """Of 300 experiments 80 % ± 7 (three standard errors) show the lift; benchmarks/coverage.py has 1,000 of more kinds."""
    rng = np.random.default_rng(SEED + 1)
    history = draw(rng, 4000)
    size = plan_size(count(history), lift, most=4000)["units_per_arm"]
    assert 0.73 <= np.mean([shows_lift(rng, history, lift, size) for _ in range(300)]) <= 0.87
