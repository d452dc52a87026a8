"""Two shares compared: an interval and a p-value that agree, and which difference could have been shown at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import bisect, brentq
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

Z_LEVEL = norm.isf(0.025)  # two-sided 95 %
Z_POWER = norm.isf(0.2)  # 80 %
FEWEST = 30  # on each side
FARTHEST_Z = 37.0  # a p-value beyond it, below 1e-299, is called 0


@dataclass(frozen=True)
class Difference:
    """`estimate` is the first share minus the control's, `low` and `high` are its 95 % limits, `p_value` is two-sided:
    below 0.05 exactly where the limits leave 0 out."""

    estimate: float
    low: float
    high: float
    p_value: float


def compare_shares(yes: int, n: int, control_yes: int, control_n: int) -> Difference:
    """Newcombe's hybrid score interval; both n are at least 1.

    The p-value inverts the same interval: it is the level at which a limit touches 0. Any other test (Fisher,
    chi-squared) would now and then contradict the interval.

    Source: Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of
    eleven methods, Statistics in Medicine 17:873-890, method 10.
    """
    low, high = _find_newcombe_limits(yes, n, control_yes, control_n, Z_LEVEL)
    return Difference(yes / n - control_yes / control_n, low, high, _invert_newcombe(yes, n, control_yes, control_n))


def _find_newcombe_limits(yes: int, n: int, control_yes: int, control_n: int, z: float) -> tuple[float, float]:
    low, high = confint_proportions_2indep(yes, n, control_yes, control_n, method="newcomb", alpha=2 * norm.sf(z))
    return max(float(low), -1.0), min(float(high), 1.0)


def _invert_newcombe(yes: int, n: int, control_yes: int, control_n: int) -> float:
    if yes * control_n == control_yes * n:
        return 1.0
    if yes * control_n < control_yes * n:  # the limits of the difference the other way round have the sign changed
        yes, n, control_yes, control_n = control_yes, control_n, yes, n

    def find_lower_limit(z: float) -> float:
        return _find_newcombe_limits(yes, n, control_yes, control_n, z)[0]

    if find_lower_limit(FARTHEST_Z) > 0:
        return 0.0
    return float(2 * norm.sf(brentq(find_lower_limit, 0.0, FARTHEST_Z, xtol=1e-12)))


def weigh_strata(n: ArrayLike, control_n: ArrayLike) -> np.ndarray:
    """The weights of Mantel and Haenszel, n1 n2 / (n1 + n2), so that they sum to 1. No other weights have less variance
    where the difference is the same in every stratum.

    Source: Greenland and Robins (1985), Estimation of a common effect parameter from sparse follow-up data, Biometrics
    41:55-68.
    """
    n, control_n = np.asarray(n, float), np.asarray(control_n, float)
    weights = n * control_n / (n + control_n)
    return weights / weights.sum()


def compare_strata(yes: ArrayLike, n: ArrayLike, control_yes: ArrayLike, control_n: ArrayLike) -> Difference:
    """The differences of several strata, combined with the weights of Mantel and Haenszel; every n is at least 1.

    The interval is the stratified score interval: all differences that the score test does not reject. For a difference
    of 0 that test is the one of Cochran, Mantel and Haenszel, which gives the p-value. It keeps its level with few
    large strata and with many small ones, which stratified forms of Newcombe's interval do not (docs/experiments.md).

    Source: Miettinen and Nurminen (1985), Comparative analysis of two rates, Statistics in Medicine 4:213-226, with the
    weights above.
    """
    counts = tuple(np.asarray(values, float) for values in (yes, n, control_yes, control_n))
    estimate = float(weigh_strata(counts[1], counts[3]) @ (counts[0] / counts[1] - counts[2] / counts[3]))
    z = _score_strata(0.0, *counts)

    def find_limit(level: float, left: float, right: float) -> float:
        if left == right:
            return left
        return float(bisect(lambda difference: _score_strata(difference, *counts) - level, left, right, xtol=1e-12))

    # On which side of 0 a limit lies is what the test says, so that limits and p-value cannot disagree.
    low = find_limit(Z_LEVEL, *((0.0, estimate) if z > Z_LEVEL else (-1.0, min(estimate, 0.0))))
    high = find_limit(-Z_LEVEL, *((estimate, 0.0) if z < -Z_LEVEL else (max(estimate, 0.0), 1.0)))
    return Difference(estimate, low, high, float(2 * norm.sf(abs(z))))


def _score_strata(
    difference: float, yes: np.ndarray, n: np.ndarray, control_yes: np.ndarray, control_n: np.ndarray
) -> float:
    """How many standard errors the combined difference lies above `difference`, if that were the truth."""
    weights = weigh_strata(n, control_n)
    share, control_share = _fit_shares(difference, yes, n, control_yes, control_n)
    total = n + control_n
    variance = (share * (1 - share) / n + control_share * (1 - control_share) / control_n) * total / (total - 1)
    above = float(weights @ (yes / n - control_yes / control_n - difference))
    error = float(np.sqrt(weights**2 @ variance))
    if error > 0:
        return above / error
    return float(np.sign(above)) * np.inf if above else 0.0


def _fit_shares(
    difference: float, yes: np.ndarray, n: np.ndarray, control_yes: np.ndarray, control_n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest shares of each stratum that are `difference` apart: the root of a cubic equation.

    Source: Farrington and Manning (1990), Test statistics and sample size formulae for comparative binomial trials,
    Statistics in Medicine 9:1447-1454, appendix I.
    """
    third = n + control_n
    second = (n + 2 * control_n) * difference - third - (yes + control_yes)
    first = (control_n * difference - third - 2 * control_yes) * difference + yes + control_yes
    zeroth = control_yes * difference * (1 - difference)
    q = (second / (3 * third)) ** 3 - first * second / (6 * third**2) + zeroth / (2 * third)
    p = np.where(q >= 0, 1.0, -1.0) * np.sqrt(np.maximum((second / (3 * third)) ** 2 - first / (3 * third), 0.0))
    cosine = np.divide(q, p**3, out=np.zeros_like(q), where=p != 0)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    control_share = 2 * p * np.cos(angle) - second / (3 * third)
    control_share = np.clip(control_share, max(0.0, -difference), min(1.0, 1.0 - difference))
    return np.clip(control_share + difference, 0.0, 1.0), control_share


def find_detectable_lift(n: ArrayLike, control_yes: ArrayLike, control_n: ArrayLike) -> float | None:
    """The least lift over the control's share that so many answers would have shown with a power of 80 %; None where
    not even everybody saying yes would have done. One value per stratum; every n is at least 1.

    The usual formula for two proportions, weighted over the strata: Fleiss, Levin and Paik (2003), Statistical Methods
    for Rates and Proportions, 3rd ed., chapter 4.2, without its continuity correction. The control's share is taken two
    yes and two no nearer to the middle (Agresti and Coull 1998), because an observed 0 has no variance.
    """
    n, control_yes, control_n = (np.asarray(values, float) for values in (n, control_yes, control_n))
    weights = weigh_strata(n, control_n)
    control_share = (control_yes + 2) / (control_n + 4)
    headroom = 1 - control_share

    def exceed(lift: float) -> float:
        share = control_share + np.minimum(lift, headroom)
        pooled = (n * share + control_n * control_share) / (n + control_n)
        error_without = np.sqrt(weights**2 @ (pooled * (1 - pooled) * (1 / n + 1 / control_n)))
        error_with = np.sqrt(weights**2 @ (share * (1 - share) / n + control_share * (1 - control_share) / control_n))
        return float(weights @ (share - control_share) - Z_LEVEL * error_without - Z_POWER * error_with)

    most = float(headroom.max())
    if exceed(most) < 0:
        return None
    lift = brentq(exceed, 0.0, most, xtol=1e-12)
    return float(weights @ np.minimum(lift, headroom))


def doubt_shares(yes: int, n: int, control_yes: int, control_n: int) -> str | None:
    """Why no verdict should rest on these shares, in words; None where one may.

    With at least 30 on each side, and one yes and one no to be expected on the smaller side, equal shares are called
    lift at most 4.7 times in 100, whatever the share and the sizes (every table was counted: docs/experiments.md).
    """
    if min(n, control_n) < FEWEST:
        return f"{n:,} and {control_n:,}; a verdict on shares takes {FEWEST} on each side"
    share = (yes + control_yes) / (n + control_n)
    if min(share, 1 - share) * min(n, control_n) < 1:
        return f"so few {'yes' if share < 0.5 else 'no'} that one more would decide"
    return None
