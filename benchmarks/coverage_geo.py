"""Coverage of the geo method's 95 % intervals, and the rate of false lift or loss in experiments without an effect.

    .venv/bin/python benchmarks/coverage_geo.py [--experiments 2000]

Each simulated experiment has weekly seasonality, two common factors with a loading per unit, a level per unit and noise
with autocorrelation. Coverage should be between 93 and 97 %, lift and loss of null experiments together at 5 %. An
effect shifts the estimate and its limits alike, so the same experiments give the power for an effect of one standard
deviation of a unit's daily noise.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.signal import lfilter

sys.path.append(str(Path(__file__).parents[1] / "dbt_project" / "methods"))

from geo_experiment import Comparison, compare_panel
from geo_panel import Panel

SEED = 20260706
UNITS, TREATED = 40, 2
PERIODS = [(90, 15), (60, 15), (56, 7), (28, 7)]  # days before, days of the test
AUTOCORRELATIONS = [0.0, 0.3, 0.5, 0.8]
EFFECT = 1.0  # the noise's standard deviation


def simulate_experiments(
    experiments: int, pre_days: int, test_days: int, autocorrelation: float, seed: int = SEED
) -> Iterator[Comparison]:
    """Null experiments, each compared with its synthetic control."""
    random = np.random.default_rng([seed, pre_days, test_days, int(100 * autocorrelation)])
    length = pre_days + test_days
    days = pd.date_range("2026-01-01", periods=length)
    week = np.tile(np.sin(2 * np.pi * np.arange(length) / 7), (experiments, 1))
    factors = np.stack(
        [week, _draw_noise(random, 0.7, experiments, length), _draw_noise(random, 0.9, experiments, length)]
    )
    loadings = random.normal(1.0, 0.5, (3, experiments, UNITS))
    levels = random.normal(20.0, 5.0, (experiments, 1, UNITS))
    noise = _draw_noise(random, autocorrelation, experiments * UNITS, length).reshape(experiments, UNITS, length)
    values = levels + np.einsum("fed,feu->edu", factors, loadings) + noise.transpose(0, 2, 1)
    for value in values:
        yield compare_panel(
            Panel("campaign", TREATED, days, pre_days, (), value[:, :TREATED].mean(axis=1), value[:, TREATED:])
        )


def _draw_noise(random: np.random.Generator, autocorrelation: float, series: int, length: int) -> np.ndarray:
    """(series, length) stationary AR(1) noise with variance 1."""
    shocks = random.standard_normal((series, length + 50)) * np.sqrt(1 - autocorrelation**2)
    return lfilter([1.0], [1.0, -autocorrelation], shocks)[:, 50:]


def summarise(comparisons: Iterator[Comparison]) -> dict[str, float]:
    """Shares of the experiments not refused: `coverage`, null ones called `lift` or `loss`, and `shown`, those
    that EFFECT would make lift. `refused` is a share of all, `width` the mean width of an interval."""
    comparisons = list(comparisons)
    limits = np.array([(c.inference.low, c.inference.high) for c in comparisons if c.inference])
    low, high = limits.T
    return {
        "coverage": float(np.mean((low <= 0) & (high >= 0))),
        "lift": float(np.mean(low > 0)),
        "loss": float(np.mean(high < 0)),
        "shown": float(np.mean(low + EFFECT > 0)),
        "width": float(np.mean(high - low)),
        "refused": 1 - len(limits) / len(comparisons),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=2000, help="per row of the table")
    experiments = parser.parse_args().experiments
    print(f"{UNITS} units, {TREATED} treated; {experiments} experiments a row, seed {SEED}")
    print("before  test  autocorrelation  coverage   lift   loss  shown  width  refused")
    for pre_days, test_days in PERIODS:
        for autocorrelation in AUTOCORRELATIONS:
            summary = summarise(simulate_experiments(experiments, pre_days, test_days, autocorrelation))
            print(
                f"{pre_days:6} {test_days:5} {autocorrelation:16} {summary['coverage']:9.1%} {summary['lift']:6.1%} "
                f"{summary['loss']:6.1%} {summary['shown']:6.1%} {summary['width']:6.2f} {summary['refused']:8.1%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
