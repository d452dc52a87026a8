"""Means compared, on published numbers and against scipy, which takes the values one by one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from means import (
    Sample,
    bootstrap_means,
    compare_means,
    find_detectable_difference,
    find_skewness,
    find_skewness_of_difference,
)
from scipy.stats import skew, ttest_ind

# Student's sleep data, R's `sleep`.
SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)


def count(values: list[float] | np.ndarray) -> Sample:
    return Sample(*np.unique(np.asarray(values, float), return_counts=True))


def draw_spend(rng: np.random.Generator, n: int) -> np.ndarray:
    """Nine of ten buy nothing, the others a lognormal amount."""
    return np.where(rng.random(n) < 0.1, np.exp(rng.normal(3, 1, n)), 0).round(2)


samples = st.lists(st.integers(0, 30) | st.integers(0, 3), min_size=2, max_size=40)


def test_means_have_welchs_interval_and_p_value():
    """R: t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p-value = 0.07939, -3.3654832 to 0.2054832."""
    found = compare_means(count(SLEEP[0]), count(SLEEP[1]))
    assert found.estimate == pytest.approx(-1.58)
    assert (found.low, found.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-7)
    assert found.p_value == pytest.approx(0.07939, abs=5e-6)


def test_counted_values_say_the_same_as_a_million_single_ones():
    rng = np.random.default_rng(2)
    treated, control = rng.poisson(3, 600_000), rng.poisson(2.99, 400_000)
    expected = ttest_ind(treated, control, equal_var=False)
    found = compare_means(count(treated), count(control))
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-8)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()), rel=1e-8)


def test_the_bootstrap_agrees_with_welch_where_values_are_normal():
    rng = np.random.default_rng(3)
    treated, control = count(rng.normal(10, 3, 400).round(2)), count(rng.normal(9, 3, 400).round(2))
    welch, bootstrap = compare_means(treated, control), bootstrap_means(treated, control)
    assert bootstrap.estimate == welch.estimate
    width = welch.high - welch.low
    assert (bootstrap.low, bootstrap.high) == pytest.approx((welch.low, welch.high), abs=0.05 * width)


def test_the_bootstrap_repeats_to_the_last_digit():
    rng = np.random.default_rng(4)
    treated, control = count(draw_spend(rng, 500)), count(draw_spend(rng, 500))
    assert bootstrap_means(treated, control) == bootstrap_means(treated, control)


def test_counting_draws_and_drawing_one_by_one_are_the_same_bootstrap(monkeypatch: pytest.MonkeyPatch):
    """Values that repeat are drawn by how often, values that do not one by one: the interval is the same."""
    rng = np.random.default_rng(5)
    treated, control = rng.exponential(5, 300).round(), rng.exponential(4, 300).round()
    counted = bootstrap_means(count(treated), count(control))
    one_by_one = bootstrap_means(
        *(Sample(np.sort(values), np.ones(300, dtype=np.int64)) for values in (treated, control))
    )
    width = counted.high - counted.low
    assert (counted.low, counted.high) == pytest.approx((one_by_one.low, one_by_one.high), abs=0.05 * width)


@given(samples, samples)
def test_welchs_p_value_never_contradicts_its_interval(treated: list[int], control: list[int]):
    if len(set(treated)) == len(set(control)) == 1:
        return
    found = compare_means(count(treated), count(control))
    assert found.low <= found.estimate <= found.high
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


@settings(max_examples=25)
@given(samples, samples)
def test_the_bootstraps_p_value_never_contradicts_its_interval(treated: list[int], control: list[int]):
    if len(set(treated)) == len(set(control)) == 1:
        return
    found = bootstrap_means(count(treated), count(control))
    assert found.low <= found.estimate <= found.high
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


def test_skewness_is_that_of_both_samples_around_their_own_means():
    values = np.array([0.0, 0, 0, 1, 2, 9])
    both = find_skewness(count(values), count(values + 100))
    assert both == pytest.approx(skew(values))


def test_equal_samples_have_no_skewed_difference_and_unequal_ones_that_of_the_smaller():
    assert find_skewness_of_difference(5, 100, 100) == 0
    # An arm against a control without end is as skewed as its mean: s / sqrt(n).
    assert find_skewness_of_difference(5, 100, 10**9) == pytest.approx(5 / math.sqrt(100), rel=1e-6)
    assert find_skewness_of_difference(5, 10**9, 100) == pytest.approx(-5 / math.sqrt(100), rel=1e-6)


def test_the_detectable_difference_is_28_standard_errors():
    """Bloom (1995): 2.8 for two sides, 5 % and 80 %. Two samples of 0 and 2 have variance 2 (n = 2): error sqrt(2)."""
    assert find_detectable_difference(count([0, 2]), count([0, 2])) == pytest.approx(2.8 * math.sqrt(2), rel=1e-3)
