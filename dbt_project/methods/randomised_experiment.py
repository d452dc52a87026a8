"""Randomised experiments: did the units of an arm do better than those of `control`?

Which method a comparison takes is decided by the values, and said in `method`:

- `newcombe` where every value of the experiment is 0 or 1: shares, by Newcombe's interval;
- `bootstrap` where values are heavy-tailed (skewness above 2) and an arm has fewer than 355 × skewness² units, below
  which a mean is not normal enough (Kohavi, Deng, Longbotham and Xu 2014, Seven rules of thumb for web site
  experimenters, rule 7);
- `welch` for everything else.

A verdict follows the 95 % interval: `lift` where it lies above 0, `loss` below, else `no lift shown`. `too few units`
is said where no method keeps its level: fewer than 10 units in an arm (of shares: proportions.doubt_shares), or arms so
unequal for so heavy a tail that the difference of the means is itself skewed; and where not even a doubling could have
been shown. Measured in docs/experiments.md.
"""

from typing import Any

import numpy as np
import pandas as pd
from frames import build_frame
from means import (
    RESAMPLES,
    Sample,
    bootstrap_means,
    compare_means,
    find_detectable_difference,
    find_skewness,
    find_skewness_of_difference,
)
from proportions import Difference, compare_shares, doubt_shares, find_detectable_lift
from verdicts import NO_LIFT, TOO_FEW_UNITS, judge_interval

CONTROL = "control"
FEWEST_UNITS = 10  # in each arm
HEAVY_TAIL = 2.0  # skewness; an exponential distribution has 2
UNITS_PER_SQUARED_SKEWNESS = 355
MOST_SKEWED_DIFFERENCE = 0.3
COLUMNS = {
    "experiment_id": "string",
    "arm": "string",
    "method": "string",
    "units": "Int64",
    "control_units": "Int64",
    "arm_mean": "float64",
    "control_mean": "float64",
    "effect_per_unit": "float64",
    "relative_lift": "float64",
    "incremental_total": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "p_value": "float64",
    "detectable_effect": "float64",
    "verdict": "string",
    "reason": "string",
}


def estimate_randomised(values: pd.DataFrame) -> pd.DataFrame:
    """The effect of every arm against `control`.

    Args:
        values: one row per experiment_id, arm and value, with units: how many units have that value. Every experiment
            has the arm `control`.

    Returns:
        The columns of COLUMNS, one row per experiment and arm other than `control`. Effects and limits are per unit, in
        the unit of the values; incremental_total is the effect times the arm's units.
    """
    rows: list[dict[str, Any]] = []
    ordered = values.sort_values(["experiment_id", "arm", "value"])
    for experiment_id, found in ordered.groupby("experiment_id", sort=False):
        rows += [{"experiment_id": experiment_id, **row} for row in _estimate_arms(found)]
    return build_frame(rows, COLUMNS)


def _estimate_arms(values: pd.DataFrame) -> list[dict[str, Any]]:
    samples = {
        arm: Sample(found["value"].to_numpy(float), found["units"].to_numpy(np.int64))
        for arm, found in values.groupby("arm", sort=False)
    }
    control = samples.pop(CONTROL)
    is_yes_or_no = bool(values["value"].isin([0, 1]).all())
    return [{"arm": arm, **estimate_effect(sample, control, is_yes_or_no)} for arm, sample in samples.items()]


def estimate_effect(sample: Sample, control: Sample, is_yes_or_no: bool, resamples: int = RESAMPLES) -> dict[str, Any]:
    """One arm against control; where nothing can be compared, only the verdict and its reason."""
    row = {"units": sample.n, "control_units": control.n, "arm_mean": sample.mean, "control_mean": control.mean}
    if not is_yes_or_no and min(sample.n, control.n) < 2:
        return row | {"verdict": TOO_FEW_UNITS, "reason": "one unit does not show how much units differ"}
    if not is_yes_or_no and sample.is_constant and control.is_constant:
        return row | {"verdict": TOO_FEW_UNITS, "reason": "no unit differs from another of its arm: chance is unknown"}
    compared = _compare_shares(sample, control) if is_yes_or_no else _compare_means(sample, control, resamples)
    method, effect, detectable, doubt = compared
    verdict, reason = judge(effect, detectable, control.mean, doubt)
    return row | {
        "method": method,
        "effect_per_unit": effect.estimate,
        "relative_lift": effect.estimate / control.mean if control.mean > 0 else None,
        "incremental_total": effect.estimate * sample.n,
        "ci_low": effect.low,
        "ci_high": effect.high,
        "p_value": effect.p_value,
        "detectable_effect": detectable,
        "verdict": verdict,
        "reason": reason,
    }


Compared = tuple[str, Difference, float | None, str | None]


def _compare_shares(sample: Sample, control: Sample) -> Compared:
    yes, control_yes = int(sample.units @ sample.values), int(control.units @ control.values)
    counts = yes, sample.n, control_yes, control.n
    detectable = find_detectable_lift([sample.n], [control_yes], [control.n])
    return "newcombe", compare_shares(*counts), detectable, doubt_shares(*counts)


def _compare_means(sample: Sample, control: Sample, resamples: int) -> Compared:
    fewest = min(sample.n, control.n)
    skewness = abs(find_skewness(sample, control))
    is_heavy = skewness > HEAVY_TAIL and fewest < UNITS_PER_SQUARED_SKEWNESS * skewness**2
    doubt = None
    if fewest < FEWEST_UNITS:
        doubt = f"{sample.n:,} and {control.n:,} units; a verdict on means takes {FEWEST_UNITS} in each arm"
    elif is_heavy and abs(find_skewness_of_difference(skewness, sample.n, control.n)) > MOST_SKEWED_DIFFERENCE:
        doubt = f"{fewest:,} units in the smaller arm: a few large values decide its mean"
    detectable = find_detectable_difference(sample, control)
    if is_heavy:
        return "bootstrap", bootstrap_means(sample, control, resamples), detectable, doubt
    return "welch", compare_means(sample, control), detectable, doubt


def judge(
    effect: Difference, detectable: float | None, control_mean: float, doubt: str | None
) -> tuple[str, str | None]:
    """The verdict, and its reason in words where it is not plain from the figures."""
    verdict = judge_interval(effect.low, effect.high)
    if doubt:
        return TOO_FEW_UNITS, doubt
    if verdict == NO_LIFT and control_mean > 0 and (detectable is None or detectable > control_mean):
        return TOO_FEW_UNITS, "so few units, so unlike each other, could not even have shown a doubling"
    return verdict, None
