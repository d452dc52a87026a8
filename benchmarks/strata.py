"""Why the strata of a brand lift study are combined by the score interval, and not by a stratified form of Newcombe's.

    .venv/bin/python benchmarks/strata.py [--studies 2000]

Coverage of 95 % intervals for the same weighted lift (Mantel-Haenszel), where strata are few or many, large or small:

- `score`: what brand_lift.py uses (Miettinen and Nurminen 1985);
- `Yan and Su`: stratified Newcombe (Yan and Su 2010, Stratified Wilson and Newcombe confidence intervals for multiple
  binomial proportions, Statistics in Biopharmaceutical Research 2:329-335), as SAS computes it;
- `square and add`: Newcombe's limits of each stratum combined (Zou, Huang and Zhang 2009, A note on confidence interval
  estimation for a linear function of binomial proportions, Computational Statistics and Data Analysis 53:1080-1085).
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

sys.path.append(str(Path(__file__).parents[1] / "dbt_project" / "methods"))

from proportions import Z_LEVEL, compare_strata, weigh_strata

SEED = 20261124
Counts = np.ndarray  # of one cell, by stratum
Interval = tuple[float, float]
# Shares of yes in the control, answers by stratum in the exposed cell and in the control, lift.
STUDIES: list[tuple[Sequence[float], int, int, float]] = [
    ((0.1, 0.3, 0.6), 100, 100, 0.0),
    ((0.1, 0.3, 0.6), 100, 100, 0.1),
    (tuple(np.linspace(0.1, 0.6, 10)), 10, 10, 0.0),
    ((0.3,) * 30, 5, 5, 0.0),
    ((0.05,) * 20, 20, 60, 0.05),
    ((0.02, 0.05, 0.9, 0.95), 40, 80, 0.02),
]


def find_wilson_limits(yes: Counts, n: Counts, z: float = Z_LEVEL) -> tuple[np.ndarray, np.ndarray]:
    return proportion_confint(yes, n, alpha=2 * norm.sf(z), method="wilson")


def score(yes: Counts, n: Counts, control_yes: Counts, control_n: Counts) -> Interval:
    found = compare_strata(yes, n, control_yes, control_n)
    return found.low, found.high


def square_and_add(yes: Counts, n: Counts, control_yes: Counts, control_n: Counts) -> Interval:
    weights = weigh_strata(n, control_n)
    share, control_share = yes / n, control_yes / control_n
    (low, high), (control_low, control_high) = find_wilson_limits(yes, n), find_wilson_limits(control_yes, control_n)
    lift = weights @ (share - control_share)
    below = weights**2 @ ((share - low) ** 2 + (control_high - control_share) ** 2)
    above = weights**2 @ ((high - share) ** 2 + (control_share - control_low) ** 2)
    return lift - np.sqrt(below), lift + np.sqrt(above)


def yan_and_su(yes: Counts, n: Counts, control_yes: Counts, control_n: Counts) -> Interval:
    weights = weigh_strata(n, control_n)
    lift = weights @ (yes / n - control_yes / control_n)
    (low, high), (control_low, control_high) = _combine(yes, n, weights), _combine(control_yes, control_n, weights)
    spread, control_spread = weights**2 @ (1 / n), weights**2 @ (1 / control_n)
    below = spread * low * (1 - low) + control_spread * control_high * (1 - control_high)
    above = spread * high * (1 - high) + control_spread * control_low * (1 - control_low)
    return lift - Z_LEVEL * np.sqrt(below), lift + Z_LEVEL * np.sqrt(above)


def _combine(yes: Counts, n: Counts, weights: np.ndarray) -> Interval:
    """Stratified Wilson limits; without any variance the formula is 0 / 0, and all strata are treated as equal."""
    errors = weights * np.sqrt(yes / n * (1 - yes / n) / n)
    if not errors.any():
        errors = weights
    low, high = find_wilson_limits(yes, n, Z_LEVEL * float(np.linalg.norm(errors) / errors.sum()))
    return float(weights @ low), float(weights @ high)


INTERVALS: dict[str, Callable[[Counts, Counts, Counts, Counts], Interval]] = {
    "score": score,
    "Yan and Su": yan_and_su,
    "square and add": square_and_add,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000, help="per row of the table")
    studies = parser.parse_args().studies
    print(f"| strata | answers | shares | lift | {' | '.join(INTERVALS)} |\n|{'---|' * (4 + len(INTERVALS))}")
    for shares, exposed, controls, lift in STUDIES:
        rng = np.random.default_rng(SEED)
        n, control_n = np.full(len(shares), float(exposed)), np.full(len(shares), float(controls))
        held = dict.fromkeys(INTERVALS, 0)
        for _ in range(studies):
            yes, control_yes = rng.binomial(exposed, np.add(shares, lift)), rng.binomial(controls, shares)
            for name, find in INTERVALS.items():
                low, high = find(yes.astype(float), n, control_yes.astype(float), control_n)
                held[name] += low <= lift <= high
        spread = f"{min(shares):.0%} to {max(shares):.0%}"
        coverages = " | ".join(f"{held[name] / studies:.1%}" for name in INTERVALS)
        print(f"| {len(shares)} | {exposed} and {controls} | {spread} | {lift} | {coverages} |", flush=True)


if __name__ == "__main__":
    main()
