"""Shares compared, on numbers from papers and from other people's programs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from proportions import compare_shares, compare_strata, doubt_shares, find_detectable_lift, weigh_strata
from scipy.stats import binom
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import confint_proportions_2indep, power_proportions_2indep

# Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10.
TABLE_II = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]
# Admissions to Berkeley by department, men and then women: Bickel, Hammel and O'Connell (1975), Science 187:398-404.
BERKELEY = np.array(
    [
        [512, 825, 89, 108],
        [353, 560, 17, 25],
        [120, 325, 202, 593],
        [138, 417, 131, 375],
        [53, 191, 94, 393],
        [22, 373, 24, 341],
    ]
)


@st.composite
def tables(draw: st.DrawFn, largest: int = 400) -> tuple[int, int, int, int]:
    n, control_n = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return draw(st.integers(0, n)), n, draw(st.integers(0, control_n)), control_n


@pytest.mark.parametrize(("yes", "n", "control_yes", "control_n", "low", "high"), TABLE_II)
def test_the_interval_is_newcombes(yes: int, n: int, control_yes: int, control_n: int, low: float, high: float):
    found = compare_shares(yes, n, control_yes, control_n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_p_value_is_the_level_at_which_the_interval_touches_0():
    p_value = compare_shares(56, 70, 48, 80).p_value
    low, _ = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", alpha=p_value)
    assert low == pytest.approx(0, abs=1e-9)
    assert p_value == pytest.approx(compare_shares(48, 80, 56, 70).p_value)


def test_a_million_answers_have_a_p_value_of_0_and_equal_shares_one_of_1():
    assert compare_shares(500_000, 1_000_000, 400_000, 1_000_000).p_value == 0
    assert compare_shares(1, 3, 2, 6).p_value == 1


@given(tables())
def test_the_p_value_never_contradicts_the_interval(table: tuple[int, int, int, int]):
    found = compare_shares(*table)
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert 0 <= found.p_value <= 1
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


@given(st.lists(tables(60), min_size=2, max_size=8))
def test_the_p_value_of_strata_never_contradicts_their_interval(strata: list[tuple[int, int, int, int]]):
    found = compare_strata(*zip(*strata, strict=True))
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


@given(st.lists(tables(60), min_size=2, max_size=8))
def test_exposed_and_control_may_change_places(strata: list[tuple[int, int, int, int]]):
    yes, n, control_yes, control_n = zip(*strata, strict=True)
    there, back = compare_strata(yes, n, control_yes, control_n), compare_strata(control_yes, control_n, yes, n)
    assert (back.estimate, back.low, back.high, back.p_value) == pytest.approx(
        (-there.estimate, -there.high, -there.low, there.p_value), abs=1e-9
    )


@pytest.mark.parametrize(
    ("strata", "estimate", "low", "high"),
    [
        # R package cicalc 0.1, README and snapshots of ci_prop_diff_mn (the values of Newcombe's table II, method 6).
        ([(9, 10, 3, 10)], 0.6, 0.1700, 0.8406),
        ([(10, 10, 0, 20)], 1.0, 0.7156, 1.0),
        ([(56, 70, 48, 80)], 0.2, 0.0528, 0.3382),
        # The same, ci_prop_diff_mn_strata: two strata, treated 7/10 and 5/10, control 5/10 and 4/10.
        ([(7, 10, 5, 10), (5, 10, 4, 10)], 0.15, -0.1606, 0.4338),
    ],
)
def test_strata_have_the_score_interval_of_miettinen_and_nurminen(
    strata: list[tuple[int, int, int, int]], estimate: float, low: float, high: float
):
    found = compare_strata(*zip(*strata, strict=True))
    assert (found.estimate, found.low, found.high) == pytest.approx((estimate, low, high), abs=6e-5)


def test_the_p_value_of_strata_is_that_of_cochran_mantel_and_haenszel():
    yes, n, control_yes, control_n = BERKELEY.T
    tables_of_departments = [[[row[0], row[1] - row[0]], [row[2], row[3] - row[2]]] for row in BERKELEY.tolist()]
    expected = StratifiedTable(tables_of_departments).test_null_odds(correction=False).pvalue
    assert compare_strata(yes, n, control_yes, control_n).p_value == pytest.approx(expected)


def test_strata_are_not_fooled_by_simpsons_paradox():
    """Berkeley admitted 14 points more men than women, because women applied where few are admitted."""
    yes, n, control_yes, control_n = BERKELEY.sum(axis=0)
    pooled = compare_shares(yes, n, control_yes, control_n)
    assert pooled.estimate == pytest.approx(0.1416, abs=5e-5)
    assert pooled.low > 0
    weighted = compare_strata(*BERKELEY.T)
    assert weighted.low < 0 < weighted.high
    assert weighted.estimate < 0


def test_a_stratum_weighs_by_the_answers_of_both_cells():
    # 30 × 10 / 40 = 7.5 and 10 × 10 / 20 = 5
    assert weigh_strata([30, 10], [10, 10]) == pytest.approx([0.6, 0.4])


@pytest.mark.parametrize(("n", "control_yes", "control_n"), [(300, 120, 300), (1000, 20, 500), (60, 30, 60)])
def test_the_detectable_lift_would_be_shown_four_times_of_five(n: int, control_yes: int, control_n: int):
    """statsmodels' power for two proportions, at the share that two more yes and two more no make."""
    lift = find_detectable_lift([n], [control_yes], [control_n])
    share = (control_yes + 2) / (control_n + 4)
    power = power_proportions_2indep(lift, share, nobs1=n, ratio=control_n / n, return_results=False)
    assert power == pytest.approx(0.8, abs=2e-3)


def test_so_few_answers_that_no_lift_would_be_shown_have_no_detectable_one():
    assert find_detectable_lift([3], [2], [3]) is None


def test_the_detectable_lift_of_equal_strata_is_that_of_one_as_large():
    assert find_detectable_lift([100, 100], [48, 48], [100, 100]) == pytest.approx(
        find_detectable_lift([200], [98], [200]), rel=1e-2
    )


@pytest.mark.parametrize(("n", "control_n"), [(30, 30), (33, 33), (30, 2000), (50, 2000)])
def test_equal_shares_are_called_lift_at_most_five_times_in_a_hundred(n: int, control_n: int):
    """Every table that two cells can have, with its probability: no simulation. Without the rule on what is to be
    expected, 30 against 2,000 would be called lift 10 times in 100 where one of 200 says yes."""
    shares = np.array([0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.95])
    yes, control_yes = np.arange(n + 1), np.arange(control_n + 1)
    low, _ = confint_proportions_2indep(yes[:, None], n, control_yes[None, :], control_n, method="newcomb")
    is_judged = np.array([[doubt_shares(one, n, other, control_n) is None for other in control_yes] for one in yes])
    chances, control_chances = binom.pmf(yes, n, shares[:, None]), binom.pmf(control_yes, control_n, shares[:, None])
    assert np.einsum("pi,ij,pj->p", chances, 1.0 * (is_judged & (low > 0)), control_chances).max() <= 0.05
