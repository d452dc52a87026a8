"""Geo experiments: what the treated units gained on what they would have had, by a synthetic control of the others."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from geo_panel import PRE_DAYS_PER_TEST_DAY, Panel, read_panels
from placebo_tests import Inference, infer_effect, run_placebo_tests
from synthetic_control import fit_synthetic_control

METHOD = "synthetic control"
WORST_FIT = 0.8
NOISE = 0.5  # autocorrelation of what is left; day-to-day noise has less
WEEK = 7  # days
ROUNDING = 1e-12  # of the largest value: below it a difference is the machine's
BAD_FIT = (
    "bad fit: the gap before the start is {:.2f} standard deviations of the treated units' movement and no noise; "
    "at most {} may be left"
)
NOTHING_TO_FIT = "bad fit: before the start the treated units never moved, and the control units did"
RESULT = {
    "arm": "string",
    "method": "string",
    "units": "Int64",
    "days": "Int64",
    "arm_mean": "float64",
    "control_mean": "float64",
    "effect_per_unit": "float64",
    "relative_lift": "float64",
    "incremental_total": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "p_value": "float64",
    "pre_days": "Int64",
    "pre_fit": "float64",
    "verdict": "string",
    "reason": "string",
}
DAILY = {
    "arm": "string",
    "observed_on": "datetime64[us]",
    "actual": "float64",
    "counterfactual": "float64",
    "effect": "float64",
}


@dataclass(frozen=True)
class Comparison:
    """A panel beside its synthetic control. `gap` (days,) is treated minus control; `objections` are those of the panel
    and of the fit, and only without any is there an effect."""

    panel: Panel
    objections: tuple[str, ...]
    gap: np.ndarray
    pre_fit: float | None = None
    effect: float | None = None
    inference: Inference | None = None


def estimate_geo(outcomes: pd.DataFrame, starts_on: date | None, ends_on: date | None) -> pd.DataFrame:
    """The effect of each treatment arm of one experiment.

    Weights on the simplex make the unit-demeaned control units follow the average of the arm's unit-demeaned units on
    the days before the start; the effect is the gap between the two on the days of the test. Interval and p-value come
    from placebo tests before the start, and the verdict is `lift` or `loss` exactly where the interval excludes 0, that
    is where p is below 0.05. Nothing is drawn at random, and the order of rows does not matter.

    Args:
        outcomes: unit_id, observed_on, arm (`control`, or the treatment's name) and value; a row per unit and day, for
            days before and of the test. Days after it are not used.
        starts_on, ends_on: first and last day of the test.

    Returns:
        One row per treatment arm, by name: `units` treated, `days` of the test, `arm_mean` per treated unit and day and
        `control_mean`, what the synthetic control says it would have been, `effect_per_unit` per treated unit and day
        with its 95 % limits `ci_low` and `ci_high`, `relative_lift` (parts of the counterfactual; null where that is
        not above 0), `incremental_total` over all treated units and days, `p_value` (two-sided), `pre_days` before
        the start. `pre_fit` is the root mean square of the gap before the start, in standard deviations of the treated
        average there: 0 is a control that follows every movement, 1 is no better than a flat line.
        `verdict` is `lift`, `no lift shown`, `loss` or `invalid`. `invalid` is a refusal, with all its reasons in
        `reason` and without figures: a pre-period under four times the test, fewer than two control units, units in two
        arms, unit-days that lack or repeat, or a bad fit. A fit is bad where pre_fit is above WORST_FIT and the gap is
        no noise: its autocorrelation from day to day or from week to week is above NOISE.
    """
    rows = [_tell(compare_panel(panel)) for panel in read_panels(outcomes, starts_on, ends_on)]
    return pd.DataFrame.from_records(rows, columns=list(RESULT)).astype(RESULT)


def estimate_geo_daily(outcomes: pd.DataFrame, starts_on: date | None, ends_on: date | None) -> pd.DataFrame:
    """Day by day, before and during the test, per treated unit: what was, what the synthetic control says would have
    been, and the difference. An arm that estimate_geo refuses has no rows. Arguments as there."""
    comparisons = [compare_panel(panel) for panel in read_panels(outcomes, starts_on, ends_on)]
    frames = [_tell_daily(comparison) for comparison in comparisons if not comparison.objections]
    return pd.concat([pd.DataFrame(columns=list(DAILY)).astype(DAILY), *frames], ignore_index=True).astype(DAILY)


def compare_panel(panel: Panel) -> Comparison:
    """The panel's effect, or what there is to object to it."""
    if panel.objections:
        return Comparison(panel, panel.objections, np.empty(0))
    before, during = slice(0, panel.pre_days), slice(panel.pre_days, None)
    treated, donors = panel.treated[before], panel.donors[before]
    smallest = ROUNDING * max(np.abs(panel.treated).max(), np.abs(panel.donors).max())
    control = fit_synthetic_control(treated, donors)
    gap = _drop_rounding(control.find_gap(panel.treated, panel.donors), smallest)
    pre_fit = _measure_fit(gap[before], _drop_rounding(treated - treated.mean(), smallest))
    if pre_fit is None:
        return Comparison(panel, (NOTHING_TO_FIT,), gap)
    if pre_fit > WORST_FIT and not _is_noise(gap[before]):
        return Comparison(panel, (BAD_FIT.format(pre_fit, WORST_FIT),), gap, pre_fit)
    effect = float(_drop_rounding(gap[during].mean(), smallest))
    placebo_effects = _drop_rounding(run_placebo_tests(treated, donors, panel.test_days), smallest)
    return Comparison(panel, (), gap, pre_fit, effect, infer_effect(effect, placebo_effects))


def _drop_rounding(values: np.ndarray, smallest: float) -> np.ndarray:
    return np.where(np.abs(values) <= smallest, 0.0, values)


def _measure_fit(gap: np.ndarray, movement: np.ndarray) -> float | None:
    """Root mean square of the gap in those of the treated units' movement around their own mean; None where they never
    moved and the control did."""
    left, moved = np.linalg.norm(gap), np.linalg.norm(movement)
    if moved == 0:
        return 0.0 if left == 0 else None
    return float(left / moved)


def _is_noise(gap: np.ndarray) -> bool:
    lags = [lag for lag in (1, WEEK) if len(gap) >= PRE_DAYS_PER_TEST_DAY * lag]
    return all(gap[lag:] @ gap[:-lag] <= NOISE * (gap @ gap) for lag in lags)


def _tell(comparison: Comparison) -> dict[str, Any]:
    panel, inference, effect = comparison.panel, comparison.inference, comparison.effect
    told = {
        "arm": panel.arm,
        "method": METHOD,
        "units": panel.units,
        "days": panel.test_days,
        "pre_days": panel.pre_days,
        "pre_fit": comparison.pre_fit,
        "verdict": "invalid",
        "reason": "; ".join(comparison.objections) or None,
    }
    if inference is None:
        return told
    counterfactual = float(np.mean((panel.treated - comparison.gap)[panel.pre_days :]))
    return told | {
        "arm_mean": counterfactual + effect,
        "control_mean": counterfactual,
        "effect_per_unit": effect,
        "relative_lift": effect / counterfactual if counterfactual > 0 else None,
        "incremental_total": effect * panel.units * panel.test_days,
        "ci_low": inference.low,
        "ci_high": inference.high,
        "p_value": inference.p_value,
        "verdict": "lift" if inference.low > 0 else "loss" if inference.high < 0 else "no lift shown",
    }


def _tell_daily(comparison: Comparison) -> pd.DataFrame:
    panel, gap = comparison.panel, comparison.gap
    return pd.DataFrame(
        {
            "arm": panel.arm,
            "observed_on": panel.days,
            "actual": panel.treated,
            "counterfactual": panel.treated - gap,
            "effect": gap,
        }
    ).astype(DAILY)
