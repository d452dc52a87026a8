"""Which lift a geo experiment would have shown, had it been made in the past: planned with the product's own synthetic
control on days on which nothing was tested.

An effect in the treated regions moves the estimate and its limits alike, because the interval comes from placebo tests
before the start. So each past stretch of days is judged once, and its lower limit says which lift it would have shown.
Simulating on past windows is what GeoLift does (Meta, GeoLiftPower); it judges with its own test instead.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from frames import build_frame
from geo_experiment import compare_panel
from geo_panel import FEWEST_CONTROLS, PRE_DAYS_PER_TEST_DAY, Panel
from synthetic_control import fit_synthetic_control

LENGTHS = (14, 28, 42)  # days of the test
POWER = 0.8
FEWEST_TESTS = 10  # fewer say nothing of a share
MOST_TESTS = 60  # per set of regions and length; more would overlap even more
MOST_FALSE = 0.1  # of the tests without an effect; a method that keeps its level calls 0.05
LARGEST = 1.0  # a doubling
COLUMNS = {
    "units_per_arm": "Int64",
    "regions": "string",
    "days": "Int64",
    "detectable_relative_lift": "float64",
    "false_positive_ratio": "float64",
    "is_feasible": "boolean",
    "reason": "string",
}


def plan_geo(daily: pd.DataFrame) -> pd.DataFrame:
    """What tests in 1 to half of the regions would have shown.

    Args:
        daily: region, day and value; a day without a row is 0 in that region.

    Returns:
        The columns of COLUMNS, one row per number of treated regions (units_per_arm) and length of the test (days).
        detectable_relative_lift is missing where no test shows a doubling, and where the history is too short; reason
        says which.
    """
    panel = daily.pivot_table(index="day", columns="region", values="value", aggfunc="sum", fill_value=0.0)
    panel.index = pd.to_datetime(panel.index)
    panel = panel.reindex(pd.date_range(panel.index.min(), panel.index.max()), fill_value=0.0).sort_index(axis=1)
    regions = [str(region) for region in panel.columns]
    if len(regions) < 1 + FEWEST_CONTROLS:
        reason = f"{len(regions):,} regions have orders; a test takes {1 + FEWEST_CONTROLS}, two of them as control"
        return build_frame([{"is_feasible": False, "reason": reason}], COLUMNS)
    values = panel.to_numpy(float)
    rows = []
    for treated in choose_regions(values, min(len(regions) // 2, len(regions) - FEWEST_CONTROLS)):
        names = "; ".join(sorted(regions[place] for place in treated))
        for length in LENGTHS:
            found = plan_test(values, panel.index, treated, length)
            rows.append({"units_per_arm": len(treated), "regions": names, "days": length, **found})
    return build_frame(rows, COLUMNS)


def choose_regions(values: np.ndarray, most: int) -> Iterator[list[int]]:
    """The best set of 1, 2, … `most` regions: each is the one before and the region with which the rest of the regions
    follows the set's average most closely.

    Args:
        values: (days, regions).
    """
    chosen: list[int] = []
    for _ in range(most):
        others = [place for place in range(values.shape[1]) if place not in chosen]
        chosen = min(([*chosen, place] for place in others), key=lambda places: measure_fit(values, places))
        yield chosen


def measure_fit(values: np.ndarray, treated: list[int]) -> float:
    """The gap between the treated and their synthetic control as a share of the treated's level, because a lift is one,
    too."""
    target, donors = _split(values, treated)
    gap = float(np.linalg.norm(fit_synthetic_control(target, donors).find_gap(target, donors)))
    return gap / float(target.mean()) if target.mean() > 0 else math.inf


def plan_test(values: np.ndarray, days: pd.DatetimeIndex, treated: list[int], length: int) -> dict[str, Any]:
    """One set of regions and one length, over every past stretch of so many days, or MOST_TESTS of them."""
    before = PRE_DAYS_PER_TEST_DAY * length
    needed = before + length + FEWEST_TESTS - 1
    if len(days) < needed:
        reason = f"a test of {length} days is planned from {needed:,} days of orders; there are {len(days):,}"
        return {"is_feasible": False, "reason": reason}
    target, donors = _split(values, treated)
    starts = range(before, len(days) - length + 1)
    chosen = sorted({starts[round(place)] for place in np.linspace(0, len(starts) - 1, MOST_TESTS)})
    needs, false = [], 0
    for start in chosen:
        end = start + length
        panel = Panel("planned", len(treated), days[:end], start, (), target[:end], donors[:end])
        inference, usual = compare_panel(panel).inference, float(target[start:end].mean())
        if inference is None or usual <= 0:
            needs.append(math.inf)
            continue
        false += inference.low > 0 or inference.high < 0
        needs.append(max(0.0, -inference.low / usual))
    return _tell(sorted(needs), false)


def _tell(needs: list[float], false: int) -> dict[str, Any]:
    """`needs`: the lift that each test would have shown just not, ascending; none shows one where it is infinite."""
    need = needs[math.ceil(POWER * len(needs)) - 1]
    ratio = false / len(needs)
    if need >= LARGEST:
        reason = f"not even a doubling is shown by 8 of 10 past tests ({len(needs)} were tried)"
        return {"false_positive_ratio": ratio, "is_feasible": False, "reason": reason}
    lift = (math.floor(1000 * need) + 1) / 1000  # up to the next tenth of a per cent
    found = {"detectable_relative_lift": lift, "false_positive_ratio": ratio}
    if ratio > MOST_FALSE:
        reason = f"{ratio:.0%} of {len(needs)} past tests without an effect show one; at most {MOST_FALSE:.0%} may"
        return {**found, "is_feasible": False, "reason": reason}
    return {**found, "is_feasible": True, "reason": f"found in {len(needs)} tests on past days"}


def _split(values: np.ndarray, treated: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The treated regions' average, and the other regions."""
    return values[:, treated].mean(axis=1), np.delete(values, treated, axis=1)
