"""Tests by region that would have been: their size, how often they are wrong, and how much history they take."""

import numpy as np
import pandas as pd
import pytest
from geo_planning import choose_regions, plan_geo, plan_test

DAYS = pd.date_range("2026-01-01", periods=200)
WEEK = np.array([0, 1, 2, 1, 3, 8, 6])[np.arange(200) % 7]


def make_regions(noise: float, regions: int = 6) -> np.ndarray:
    rng = np.random.default_rng(7)
    return 50 + 10 * np.arange(regions) + WEEK[:, None] + rng.normal(0, noise, (200, regions))


def tell(values: np.ndarray) -> pd.DataFrame:
    names = [f"r{place}" for place in range(values.shape[1])]
    return (
        pd.DataFrame(values, DAYS[: len(values)], names).rename_axis("day").reset_index().melt("day", var_name="region")
    )


def test_each_number_of_regions_up_to_half_is_planned_for_each_length():
    plans = plan_geo(tell(make_regions(2.0)))
    assert list(zip(plans["units_per_arm"], plans["days"], strict=True)) == [
        (size, days) for size in (1, 2, 3) for days in (14, 28, 42)
    ]
    assert plans["regions"].str.split("; ").str.len().tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert plans["false_positive_ratio"].between(0, 1).sum() == 6  # 42 days take 219 days of history
    assert set(plans.loc[plans["days"] == 42, "reason"]) == {
        "a test of 42 days is planned from 219 days of orders; there are 200"
    }


def test_a_lift_that_is_planned_is_shown_by_eight_of_ten_such_tests():
    """The lift is put into every past stretch in turn: at least 80 % become `lift`, and with half of it fewer."""
    values, treated = make_regions(3.0), [2, 4]
    plan = plan_test(values, DAYS, treated, 14)
    lift = plan["detectable_relative_lift"]
    assert count_shown(values, treated, lift) >= 0.8
    assert count_shown(values, treated, lift / 2) < 0.8


def count_shown(values: np.ndarray, treated: list[int], lift: float) -> float:
    from geo_experiment import compare_panel
    from geo_panel import Panel

    starts = sorted({range(56, 187)[round(place)] for place in np.linspace(0, 130, 60)})
    shown = 0
    for start in starts:
        target = values[: start + 14, treated].mean(axis=1)
        target[start:] *= 1 + lift
        donors = np.delete(values, treated, axis=1)[: start + 14]
        found = compare_panel(Panel("x", 2, DAYS[: start + 14], start, (), target, donors)).inference
        shown += found is not None and found.low > 0
    return shown / len(starts)


def test_more_noise_takes_a_larger_lift():
    quiet, loud = (plan_test(make_regions(noise), DAYS, [2], 14)["detectable_relative_lift"] for noise in (1.0, 5.0))
    assert 0 < quiet < loud


def test_the_region_that_the_others_follow_is_chosen_first():
    """Each region but number 3 has a shock of its own that no other has."""
    values = np.tile(50.0 + WEEK[:, None], (1, 6)) + np.random.default_rng(1).normal(0, 0.1, (200, 6))
    for place in (0, 1, 2, 4, 5):
        values[20 * place : 20 * place + 10, place] += 30
    assert next(choose_regions(values, 1)) == [3]


def test_where_nothing_follows_anything_nothing_is_feasible():
    rng = np.random.default_rng(3)
    plan = plan_test(np.cumsum(rng.normal(0, 20, (200, 4)), axis=0) + 30, DAYS, [0], 14)
    assert not plan["is_feasible"]
    assert plan["reason"]


def test_too_few_regions_are_said():
    [plan] = plan_geo(tell(make_regions(1.0, regions=2))).to_dict("records")
    assert plan["reason"] == "2 regions have orders; a test takes 3, two of them as control"
    assert not plan["is_feasible"]
    assert pd.isna(plan["days"])


def test_days_without_orders_are_0_and_the_order_of_rows_does_not_matter():
    rows = tell(make_regions(2.0))
    rows = rows[rows["value"] > 55]
    pd.testing.assert_frame_equal(plan_geo(rows), plan_geo(rows.sample(frac=1, random_state=1)))


@pytest.mark.parametrize("length", [14, 28])
def test_false_alarms_are_rare_in_noise(length: int):
    """Independent noise: of 60 overlapping tests few are false."""
    assert plan_test(make_regions(3.0), DAYS, [1, 3], length)["false_positive_ratio"] <= 0.2
