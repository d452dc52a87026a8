"""How many units an experiment takes, planned from what units did without one.

A sample of past outcomes stands for the control; a lift multiplies each outcome, or the share where all are 0 or 1. The
size is that of the formula for the test that `randomised_experiment` would take. Where values are heavy-tailed and the
formula asks for few units, whose means are not normal, experiments are simulated and judged with the product's own
test, and the formula's size is corrected by the power found; only where there are that many units, and for no longer
test than is needed, because it takes seconds. Measured in docs/experiments.md.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from frames import build_frame
from means import Sample, find_skewness
from proportions import FEWEST, Z_LEVEL, Z_POWER
from randomised_experiment import FEWEST_UNITS, HEAVY_TAIL, estimate_effect
from scipy.stats import norm
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail
from verdicts import LIFT

LIFTS = (0.05, 0.1, 0.2, 0.5)
POWER = 0.8
LEVEL = 0.05  # two-sided
FEWEST_OUTCOMES = 30  # of fewer, neither mean nor spread is known
MOST_SIMULATED = 1000  # units in each arm; with more, the formula reaches its power (benchmarks/coverage.py)
EXPERIMENTS = 4000  # simulated and judged by Welch's test, which is quick
JUDGED = 200  # of these, judged by the product's own test, too
RESAMPLES = 399  # of the bootstrap of each
SEED = 2011
COLUMNS = {
    "measure": "string",
    "days": "Int64",
    "detectable_relative_lift": "float64",
    "control_mean": "float64",
    "outcomes": "Int64",
    "units_available": "Int64",
    "units_per_arm": "Int64",
    "method": "string",
}


def plan_randomised(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The size of an experiment on each measure, for tests of so many days and for each of LIFTS.

    Args:
        outcomes: one row per measure, days and value, with units: how many units had that value in so many days of the
            past; and units_available, for an experiment from now on. days may be unknown (of a survey).

    Returns:
        The columns of COLUMNS, one row per measure, days and lift. units_per_arm is missing where there are too few
        outcomes, where they are 0 on average, and where a share would have to grow beyond 1. method is `formula` or
        `simulation`.
    """
    rows: list[dict[str, Any]] = []
    for measure, found in outcomes.sort_values(["measure", "days", "value"]).groupby("measure", sort=False):
        fitting: set[float] = set()  # lifts for which a shorter test has units enough
        for days, one in found.groupby("days", sort=False, dropna=False):
            sample = Sample(one["value"].to_numpy(float), one["units"].to_numpy(np.int64))
            available = int(one["units_available"].iloc[0])
            most = available // 2
            about = {"measure": measure, "days": days, "control_mean": sample.mean, "outcomes": sample.n}
            about["units_available"] = available
            for lift in LIFTS:
                size = plan_size(sample, lift, 0 if lift in fitting else most)
                if size and size["units_per_arm"] <= most:
                    fitting.add(lift)
                rows.append({**about, "detectable_relative_lift": lift, **size})
    return build_frame(rows, COLUMNS)


def plan_size(outcomes: Sample, lift: float, most: int) -> dict[str, Any]:
    """units_per_arm and the method by which they were found; empty where nothing can be planned. Nothing is simulated
    with more than `most` units in each arm."""
    if outcomes.n < FEWEST_OUTCOMES or outcomes.mean <= 0:
        return {}
    if bool(np.isin(outcomes.values, (0, 1)).all()):
        share = outcomes.mean
        if share * (1 + lift) > 1:
            return {}
        return {"units_per_arm": max(FEWEST, find_size_for_shares(share, lift)), "method": "formula"}
    if outcomes.is_constant:
        return {}
    size = find_size_for_means(outcomes, lift)
    is_heavy = abs(find_skewness(outcomes, outcomes)) > HEAVY_TAIL
    if is_heavy and FEWEST_UNITS <= size <= min(most, MOST_SIMULATED):
        size = correct_size(size, simulate_power(outcomes, lift, size))
        return {"units_per_arm": max(FEWEST_UNITS, size), "method": "simulation"}
    return {"units_per_arm": max(FEWEST_UNITS, size), "method": "formula"}


def find_size_for_shares(share: float, lift: float) -> int:
    """The usual formula for two proportions: Fleiss, Levin and Paik (2003), Statistical Methods for Rates and
    Proportions, 3rd ed., chapter 4.2."""
    size = samplesize_proportions_2indep_onetail(share * lift, share, POWER, alpha=LEVEL, alternative="two-sided")
    return math.ceil(float(size))


def find_size_for_means(outcomes: Sample, lift: float) -> int:
    """Of the t-test; the treated vary more than the control, because the lift multiplies what they do."""
    spread = math.sqrt(outcomes.variance * (1 + (1 + lift) ** 2) / 2)
    effect = lift * outcomes.mean / spread
    return math.ceil(float(TTestIndPower().solve_power(effect, power=POWER, alpha=LEVEL, alternative="two-sided")))


def simulate_power(outcomes: Sample, lift: float, size: int) -> float:
    """The share of experiments of this size that show the lift.

    The product's own test takes long, Welch's does not, and the two seldom disagree. So Welch's judges many, both judge
    some, and the mean of their disagreement is added: a control variate, Lavenberg and Welch (1981), A perspective on
    the use of control variables to increase the efficiency of Monte Carlo simulations, Management Science 27:322-335.
    """
    rng = np.random.default_rng(SEED)
    shares = outcomes.units / outcomes.n
    treated = (1 + lift) * rng.choice(outcomes.values, (EXPERIMENTS, size), p=shares)
    control = rng.choice(outcomes.values, (EXPERIMENTS, size), p=shares)
    errors = np.sqrt((treated.var(axis=1, ddof=1) + control.var(axis=1, ddof=1)) / size)
    is_shown = treated.mean(axis=1) - control.mean(axis=1) > Z_LEVEL * errors
    judged = [
        estimate_effect(_count(one), _count(other), False, RESAMPLES)["verdict"] == LIFT
        for one, other in zip(treated[:JUDGED], control[:JUDGED], strict=True)
    ]
    return float(is_shown.mean() + np.mean(judged) - is_shown[:JUDGED].mean())


def correct_size(size: int, power: float) -> int:
    """The size at which the power would be POWER: the standard error falls with the root of the size."""
    found = Z_LEVEL + norm.ppf(min(max(power, 0.05), 0.995))
    return math.ceil(size * float((Z_LEVEL + Z_POWER) / found) ** 2)


def _count(values: np.ndarray) -> Sample:
    return Sample(*np.unique(values, return_counts=True))
