"""Two means compared: by Welch's interval, or by a bootstrap where values are heavy-tailed.

A sample is given as its distinct values, ascending, and how many units have each: what SQL can count for a million
units.
"""

import math
from dataclasses import dataclass

import numpy as np
from proportions import Z_LEVEL, Z_POWER, Difference
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

RESAMPLES = 1999
SEED = 1979  # of the bootstrap, so that a run repeats the result of the run before
CHUNK = 20_000_000  # values drawn at a time, 160 MB


@dataclass(frozen=True)
class Sample:
    """Distinct values in ascending order and the number of units with each; the order makes sums repeat to the last
    digit."""

    values: np.ndarray
    units: np.ndarray

    @property
    def n(self) -> int:
        return int(self.units.sum())

    @property
    def mean(self) -> float:
        return float(self.units @ self.values / self.n)

    @property
    def is_constant(self) -> bool:
        return len(self.values) == 1

    @property
    def variance(self) -> float:
        """Of the sample, with n - 1."""
        return float(self.units @ (self.values - self.mean) ** 2 / (self.n - 1))


def find_standard_error(sample: Sample, control: Sample) -> float:
    return math.sqrt(sample.variance / sample.n + control.variance / control.n)


def find_detectable_difference(sample: Sample, control: Sample) -> float:
    """The least difference that so many units would have shown with a power of 80 %.

    Source: Bloom (1995), Minimum detectable effects: a simple way to report the statistical power of experimental
    designs, Evaluation Review 19:547-556.
    """
    return float((Z_LEVEL + Z_POWER) * find_standard_error(sample, control))


def find_skewness(sample: Sample, control: Sample) -> float:
    """Third moment over the cube of the standard deviation, around each sample's own mean, of both samples together."""
    second = third = 0.0
    for one in (sample, control):
        deviations = one.values - one.mean
        second += float(one.units @ deviations**2)
        third += float(one.units @ deviations**3)
    n = sample.n + control.n
    return (third / n) / (second / n) ** 1.5


def find_skewness_of_difference(skewness: float, n: int, control_n: int) -> float:
    """Skewness of the difference of the means, if both samples have this skewness and the same variance.

    Cumulants of independent samples add up, of the control with the sign changed, so equal samples cancel out:
    s (1/n² - 1/m²) / (1/n + 1/m)^1.5. Normal intervals fail where it is far from 0.
    """
    return skewness * (control_n - n) / math.sqrt(n * control_n * (n + control_n))


def compare_means(sample: Sample, control: Sample) -> Difference:
    """Welch's interval and test; both samples have at least 2 units and one of them varies.

    Source: Welch (1947), The generalization of Student's problem when several different population variances are
    involved, Biometrika 34:28-35.
    """
    compared = CompareMeans(
        DescrStatsW(sample.values, weights=sample.units), DescrStatsW(control.values, weights=control.units)
    )
    low, high = compared.tconfint_diff(usevar="unequal")
    _, p_value, _ = compared.ttest_ind(usevar="unequal")
    return Difference(sample.mean - control.mean, float(low), float(high), float(p_value))


def bootstrap_means(sample: Sample, control: Sample, resamples: int = RESAMPLES) -> Difference:
    """The symmetric bootstrap-t interval: the difference ± its standard error times what |t| of the resamples stays
    below.

    The p-value counts the resamples whose |t| is at least the observed one, so it is below 0.05 exactly where the
    interval leaves 0 out. A resample without variance says nothing of the error: it counts as beyond any limit.

    Source: Hall (1988), On symmetric bootstrap confidence intervals, Journal of the Royal Statistical Society B
    50:35-45; p-value: Davison and Hinkley (1997), Bootstrap Methods and their Application, chapter 4.
    """
    rng = np.random.default_rng(SEED)
    estimate, error = sample.mean - control.mean, find_standard_error(sample, control)
    means, variances = _resample(sample, rng, resamples)
    control_means, control_variances = _resample(control, rng, resamples)
    errors = np.sqrt(variances / sample.n + control_variances / control.n)
    deviations = np.abs(means - control_means - estimate)
    statistics = np.sort(np.divide(deviations, errors, out=np.full_like(errors, np.inf), where=errors > 0))
    # Of 1,999 resamples and the sample itself, fewer than 100 lie beyond the 1,901st: p < 0.05.
    limit = float(statistics[resamples - (resamples + 1) // 20 + 1])
    p_value = (int((statistics >= abs(estimate) / error).sum()) + 1) / (resamples + 1)
    low, high = estimate - limit * error, estimate + limit * error
    if p_value >= 0.05:  # a resample may tie with the sample; rounding must not decide it
        low, high = min(low, 0.0), max(high, 0.0)
    return Difference(estimate, low, high, p_value)


def _resample(sample: Sample, rng: np.random.Generator, resamples: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each resample."""
    n, centred = sample.n, sample.values - sample.mean
    means, squares = np.empty(resamples), np.empty(resamples)
    few = len(centred) * 5 < n  # then counting how often each value is drawn is quicker than drawing
    everybody = np.repeat(centred, 0 if few else sample.units)
    step = max(1, CHUNK // (len(centred) if few else n))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        if few:
            drawn = rng.multinomial(n, sample.units / n, size)
            means[start : start + size] = drawn @ centred / n
            squares[start : start + size] = drawn @ centred**2 / n
        else:
            picked = everybody[rng.integers(0, n, (size, n))]
            means[start : start + size] = picked.mean(axis=1)
            squares[start : start + size] = np.square(picked).mean(axis=1)
    return means + sample.mean, np.maximum(squares - means**2, 0.0) * n / (n - 1)
