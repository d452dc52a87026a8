"""Randomised experiments from values to verdicts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from randomised_experiment import COLUMNS, estimate_randomised
from scipy.stats import ttest_ind
from several_experiments import adjust_by_holm, adjust_for_arms
from statsmodels.stats.multitest import multipletests


def estimate(**arms: Sequence[float]) -> pd.DataFrame:
    """One experiment; by arm the values of its units. The result by arm."""
    return estimate_randomised(count(arms)).set_index("arm")


def count(arms: Mapping[str, Sequence[float]], experiment_id: str = "e") -> pd.DataFrame:
    values = pd.DataFrame(
        [(arm, float(value)) for arm, found in arms.items() for value in found], columns=["arm", "value"]
    )
    counted = values.groupby(["arm", "value"], as_index=False).size().rename(columns={"size": "units"})
    return counted.assign(experiment_id=experiment_id)


def spend(seed: int, n: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(n) < 0.1, np.exp(rng.normal(3, 1, n)), 0).round(2)


def test_an_arm_is_compared_by_welch():
    rng = np.random.default_rng(1)
    bag, control = rng.normal(12, 4, 80).round(2), rng.normal(10, 3, 120).round(2)
    expected = ttest_ind(bag, control, equal_var=False)
    row = estimate(bag=bag, control=control).loc["bag"]
    assert (row["method"], row["units"], row["control_units"]) == ("welch", 80, 120)
    assert row["effect_per_unit"] == pytest.approx(bag.mean() - control.mean())
    assert row["relative_lift"] == pytest.approx(bag.mean() / control.mean() - 1)
    assert row["incremental_total"] == pytest.approx(80 * (bag.mean() - control.mean()))
    assert row["p_value"] == pytest.approx(expected.pvalue)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(expected.confidence_interval()))
    assert row["verdict"] == "lift"


def test_conversions_are_compared_as_shares():
    """Newcombe (1998), table II, method 10: 56/70 against 48/80 is 0.2 (0.0524 to 0.3339)."""
    row = estimate(bag=[1] * 56 + [0] * 14, control=[1] * 48 + [0] * 32).loc["bag"]
    assert (row["method"], row["verdict"]) == ("newcombe", "lift")
    assert (row["effect_per_unit"], row["ci_low"], row["ci_high"]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert row["incremental_total"] == pytest.approx(14)


def test_heavy_tails_take_the_bootstrap_and_repeat_to_the_last_digit():
    arms = {"bag": spend(1, 1000), "control": spend(2, 1000)}
    once, again = estimate(**arms), estimate(**{arm: values[::-1] for arm, values in arms.items()})
    assert once.loc["bag", "method"] == "bootstrap"
    assert once.equals(again)


@pytest.mark.parametrize(("tenths", "method"), [(240, "bootstrap"), (260, "welch")])
def test_many_units_make_the_mean_of_heavy_tails_normal(tenths: int, method: str):
    """One unit of ten buys for 10: skewness 0.8 / 0.3 = 2.67, so 355 × 7.1 = 2,524 units are enough."""
    values = [10] * tenths + [0] * 9 * tenths
    assert estimate(bag=values, control=values).loc["bag", "method"] == method


def test_a_small_arm_whose_mean_a_few_large_values_decide_gets_no_verdict():
    row = estimate(bag=spend(4, 50), control=spend(5, 1000)).loc["bag"]
    assert (row["verdict"], row["reason"]) == (
        "too few units",
        "50 units in the smaller arm: a few large values decide its mean",
    )


@pytest.mark.parametrize(
    ("bag", "control", "verdict", "reason"),
    [
        ([5.5], [3.5], "too few units", "one unit does not show"),
        ([5.5], [3.5, 4.5], "too few units", "one unit does not show"),
        ([5.5] * 50, [3.5] * 50, "too few units", "no unit differs from another"),
        ([0.1] * 30, [0.1] * 30, "too few units", "no unit differs from another"),
        ([5, 6, 7], [1, 2, 3], "too few units", "3 and 3 units; a verdict on means takes 10"),
        ([1] * 9, [0] * 9, "too few units", "9 and 9; a verdict on shares takes 30"),
        ([0] * 500, [0] * 500, "too few units", "so few yes that one more would decide"),
        ([0] * 990 + [1] * 10, [0] * 995 + [1] * 5, "too few units", "could not even have shown a doubling"),
        ([1] * 100 + [0] * 400, [1] * 100 + [0] * 400, "no lift shown", None),
        ([-x for x in range(50)], list(range(50)), "loss", None),
    ],
)
def test_odd_values_have_a_verdict_in_words(bag: list[float], control: list[float], verdict: str, reason: str | None):
    row = estimate(bag=bag, control=control).loc["bag"]
    assert row["verdict"] == verdict
    assert (reason is None and pd.isna(row["reason"])) or reason in row["reason"]


def test_a_control_at_or_below_0_has_no_ratio_to_it():
    assert pd.isna(estimate(bag=range(20), control=range(-30, -10)).loc["bag", "relative_lift"])


def test_no_experiments_have_the_same_columns():
    found = estimate_randomised(count({}))
    assert found.empty
    filled = estimate_randomised(count({"bag": range(20), "control": range(20)}))
    assert found.dtypes.astype(str).to_dict() == filled.dtypes.astype(str).to_dict()
    assert list(found.columns) == list(COLUMNS)


@pytest.mark.parametrize("arms", [1, 2, 3, 7])
def test_holms_adjustment_is_that_of_statsmodels(arms: int):
    p_values = np.random.default_rng(arms).uniform(size=arms).round(1)
    expected = multipletests(p_values, method="holm")[1]
    assert adjust_by_holm(pd.Series(p_values)).sort_index().tolist() == expected.tolist()


def test_several_arms_have_p_values_adjusted_by_holm():
    """0.005 × 4 = 0.02; 0.01 × 3 = 0.03; 0.03 × 2 = 0.06; 0.04 × 1, but not below the one before: 0.06. Another
    experiment is another family."""
    effects = pd.DataFrame(
        {"experiment_id": ["e", "e", "e", "e", "e", "f"], "p_value": [0.01, 0.04, None, 0.03, 0.005, 0.04]}
    )
    adjusted = adjust_for_arms(effects)["p_value_adjusted"].tolist()
    assert adjusted == pytest.approx([0.03, 0.06, float("nan"), 0.06, 0.02, 0.04], nan_ok=True)
    assert adjust_for_arms(effects.iloc[:0])["p_value_adjusted"].dtype == "float64"


values = st.lists(st.integers(0, 5) | st.integers(0, 500), min_size=1, max_size=60)
yes_or_no = st.lists(st.integers(0, 1), min_size=1, max_size=120)


@settings(max_examples=60)
@given(st.tuples(values, values) | st.tuples(yes_or_no, yes_or_no))
def test_estimate_interval_p_value_and_verdict_never_contradict_each_other(arms: tuple[list[int], list[int]]):
    row = estimate(bag=arms[0], control=arms[1]).loc["bag"]
    if pd.isna(row["effect_per_unit"]):
        assert row["verdict"] == "too few units"
        assert row[["ci_low", "ci_high", "p_value", "incremental_total"]].isna().all()
        return
    assert row["ci_low"] <= row["effect_per_unit"] <= row["ci_high"]
    is_shown = row["ci_low"] > 0 or row["ci_high"] < 0
    assert (row["p_value"] < 0.05) == is_shown
    if row["verdict"] != "too few units":
        expected = ("lift" if row["ci_low"] > 0 else "loss") if is_shown else "no lift shown"
        assert row["verdict"] == expected
    assert row["incremental_total"] == pytest.approx(row["effect_per_unit"] * row["units"])
