"""Coverage of the 95 % intervals, and the rate of false lift or loss in comparisons without an effect.

    .venv/bin/python benchmarks/coverage.py [--comparisons 2000]
    .venv/bin/python benchmarks/coverage.py --planned [--comparisons 1000]

Every row of the table is one method in one situation, with simulated comparisons whose true effect is known. Coverage
should be between 93 and 97 %; without an effect, `lift` should be at most 5 %. Both are shares of the comparisons with
a verdict; `refused` are those with too few answers or units. With `--planned`, experiments of the size that
experiment_planning.py plans for a power of 80 % are simulated, and the table has the power reached. Seeded: the same
table every time.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in (".", "dbt_project/methods"))

from brand_lift import estimate_lift
from experiment_planning import plan_size
from means import Sample
from randomised_experiment import estimate_effect
from statsmodels.stats.proportion import confint_proportions_2indep
from verdicts import LIFT

from benchmarks.coverage_geo import PERIODS, simulate_experiments, summarise

SEED = 20261124
REFUSED = ("too few answers", "too few units")


@dataclass(frozen=True)
class Situation:
    """`compare` draws a comparison whose true effect is `effect` and returns ci_low, ci_high, method and verdict."""

    name: str
    effect: float
    compare: Callable[[np.random.Generator], dict[str, Any]]


@dataclass(frozen=True)
class Tally:
    """What became of the comparisons of a situation; coverage, lift and loss are shares of those not refused."""

    methods: str
    coverage: float
    lift: float
    loss: float
    refused: float


def ask(shares: Sequence[float], n: Sequence[int], control_n: Sequence[int], lift: float = 0.0) -> Situation:
    """A brand lift study of one or several strata with the control's shares of yes."""
    cells = ", ".join(dict.fromkeys(f"{a} and {b}" for a, b in zip(n, control_n, strict=True)))
    name = f"{cells} answers, {min(shares):.0%}" + (f" to {max(shares):.0%}" if len(set(shares)) > 1 else "")
    if len(shares) > 1:
        name = f"{len(shares)} strata, {name}"

    def compare(rng: np.random.Generator) -> dict[str, Any]:
        exposed_yes, control_yes = rng.binomial(n, np.add(shares, lift)), rng.binomial(control_n, shares)
        return estimate_lift(
            pd.DataFrame(
                {"exposed_n": n, "exposed_yes": exposed_yes, "control_n": control_n, "control_yes": control_yes}
            )
        )

    return Situation(name, lift, compare)


def convert(share: float, n: int, control_n: int, lift: float = 0.0) -> Situation:
    """An experiment whose units convert or not."""

    def compare(rng: np.random.Generator) -> dict[str, Any]:
        return estimate_effect(
            count(rng.binomial(1, share + lift, n)), count(rng.binomial(1, share, control_n)), is_yes_or_no=True
        )

    return Situation(f"{n} and {control_n} units, {share:.0%} convert", lift, compare)


def measure(
    name: str,
    draw: Callable[[np.random.Generator, int], np.ndarray],
    mean: float,
    n: int,
    control_n: int,
    growth: float = 0.0,
) -> Situation:
    """An experiment on values with this mean, which the treatment multiplies by 1 + growth."""

    def compare(rng: np.random.Generator) -> dict[str, Any]:
        treated, control = (1 + growth) * draw(rng, n), draw(rng, control_n)
        return estimate_effect(count(treated), count(control), is_yes_or_no=False)

    return Situation(f"{n} and {control_n} units, {name}", growth * mean, compare)


def count(values: np.ndarray) -> Sample:
    return Sample(*np.unique(values.astype(float), return_counts=True))


def draw_normal(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(10, 4, n)


def draw_lognormal(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.exp(rng.normal(0, 1, n))


def draw_spend(rng: np.random.Generator, n: int) -> np.ndarray:
    """One unit of ten buys, for a lognormal amount: skewness 14."""
    return np.where(rng.random(n) < 0.1, np.exp(rng.normal(3, 1, n)), 0.0)


SITUATIONS = [
    ask([0.3], [100], [100]),
    ask([0.3], [400], [400]),
    ask([0.3], [400], [400], lift=0.05),
    ask([0.05], [1000], [250]),
    ask([0.1, 0.3, 0.6], [100] * 3, [100] * 3),
    ask([0.1, 0.3, 0.6], [100] * 3, [100] * 3, lift=0.1),
    ask([0.1, 0.3, 0.6], [200, 100, 50], [50, 100, 200], lift=0.05),
    ask([0.3] * 30, [10] * 30, [10] * 30),
    ask([0.02, 0.05, 0.9, 0.95], [100] * 4, [100] * 4, lift=0.02),
    convert(0.02, 2000, 2000),
    convert(0.1, 500, 1500, lift=0.03),
    measure("normal", draw_normal, 10, 20, 20),
    measure("normal", draw_normal, 10, 50, 500),
    measure("normal", draw_normal, 10, 200, 200, growth=0.1),
    measure("lognormal", draw_lognormal, float(np.exp(0.5)), 200, 200),
    measure("lognormal", draw_lognormal, float(np.exp(0.5)), 200, 600, growth=0.2),
    measure("spend", draw_spend, 0.1 * float(np.exp(3.5)), 1000, 1000),
    measure("spend", draw_spend, 0.1 * float(np.exp(3.5)), 1000, 1000, growth=0.5),
    measure("spend", draw_spend, 0.1 * float(np.exp(3.5)), 700, 1000),
    measure("spend", draw_spend, 0.1 * float(np.exp(3.5)), 100, 2000),
]


@dataclass(frozen=True)
class Plan:
    """An experiment as planned from a history drawn by `draw`, and the share of such experiments that show the lift. A
    refused experiment shows none."""

    name: str
    lift: float
    size: int
    method: str
    experiments: int
    power: float


def draw_share(rng: np.random.Generator, n: int) -> np.ndarray:
    return (rng.random(n) < 0.05).astype(float)


def draw_answers(rng: np.random.Generator, n: int) -> np.ndarray:
    """Of a brand lift study, which compares shares by the same test."""
    return (rng.random(n) < 0.35).astype(float)


def draw_newcomers(rng: np.random.Generator, n: int) -> np.ndarray:
    """What few customers bring, and some of them several times: skewness 8."""
    return rng.poisson(0.02, n).astype(float)


HISTORY = 4000
SHARES = 100_000  # experiments on 0 and 1, which are quick
PLANNED = [
    ("5 % convert", draw_share, (0.2, 0.5)),
    ("35 % say yes", draw_answers, (0.1, 0.2)),
    ("normal", draw_normal, (0.1, 0.2, 0.5)),
    ("lognormal", draw_lognormal, (0.2, 0.5)),
    ("spend", draw_spend, (0.5,)),
    ("newcomers", draw_newcomers, (0.5,)),
]


def check_plans(experiments: int) -> Iterator[Plan]:
    for name, draw, lifts in PLANNED:
        for lift in lifts:
            rng = np.random.default_rng(SEED)
            history = draw(rng, HISTORY)
            plan = plan_size(count(history), lift, most=HISTORY)
            size = plan["units_per_arm"]
            if bool(np.isin(history, (0, 1)).all()):
                count_of, power = SHARES, simulate_shares(rng, float(history.mean()), lift, size)
            else:
                shown = sum(shows_lift(rng, history, lift, size) for _ in range(experiments))
                count_of, power = experiments, shown / experiments
            yield Plan(name, lift, size, plan["method"], count_of, power)


def simulate_shares(rng: np.random.Generator, share: float, lift: float, size: int) -> float:
    """The share of SHARES experiments whose lower limit of Newcombe's interval is above 0, all at once: a verdict on 0
    and 1 reads nothing else where there are units enough for one."""
    control, treated = rng.binomial(size, share, SHARES), rng.binomial(size, share * (1 + lift), SHARES)
    low, _ = confint_proportions_2indep(treated, size, control, size, method="newcomb")
    return float(np.mean(low > 0))


def shows_lift(rng: np.random.Generator, history: np.ndarray, lift: float, size: int) -> bool:
    """The outcomes of both arms are drawn from the history, those of the treated times 1 + the lift; of a share, as
    many more of the treated say yes."""
    is_yes_or_no = bool(np.isin(history, (0, 1)).all())
    control = rng.choice(history, size)
    if is_yes_or_no:
        treated = rng.binomial(1, float(history.mean()) * (1 + lift), size)
    else:
        treated = (1 + lift) * rng.choice(history, size)
    return bool(estimate_effect(count(treated), count(control), is_yes_or_no)["verdict"] == LIFT)


def describe_plans(plans: Iterable[Plan]) -> Iterator[str]:
    yield "| history | lift | units in each arm | planned by | experiments | power reached |"
    yield "|---|---|---|---|---|---|"
    for plan in plans:
        figures = f"{plan.size:,} | {plan.method} | {plan.experiments:,} | {plan.power:.1%}"
        yield f"| {plan.name} | {plan.lift:.0%} | {figures} |"


def tally(situation: Situation, comparisons: int) -> Tally:
    rng = np.random.default_rng(SEED)
    rows = [situation.compare(rng) for _ in range(comparisons)]
    judged = [row for row in rows if row["verdict"] not in REFUSED]

    def share(holds: Callable[[dict[str, Any]], bool]) -> float:
        return sum(map(holds, judged)) / len(judged) if judged else float("nan")

    return Tally(
        methods=" or ".join(sorted({row["method"] for row in rows})),
        coverage=share(lambda row: row["ci_low"] <= situation.effect <= row["ci_high"]),
        lift=share(lambda row: row["verdict"] == "lift"),
        loss=share(lambda row: row["verdict"] == "loss"),
        refused=1 - len(judged) / len(rows),
    )


def tally_geo(comparisons: int) -> Iterator[tuple[str, Tally]]:
    """Null geo experiments with more and less of the day before in each day: see coverage_geo.py, which has more."""
    for pre_days, test_days in PERIODS:
        for autocorrelation in (0.0, 0.5, 0.8):
            found = summarise(simulate_experiments(comparisons, pre_days, test_days, autocorrelation))
            name = f"{pre_days} days before {test_days}, autocorrelation {autocorrelation}"
            yield name, Tally("synthetic control", found["coverage"], found["lift"], found["loss"], found["refused"])


def describe(tallies: Iterable[tuple[str, float, Tally]]) -> Iterator[str]:
    """The table, in Markdown; each tally with its situation's name and true effect."""
    yield "| method | situation | effect | coverage | lift | loss | refused |"
    yield "|---|---|---|---|---|---|---|"
    for name, effect, found in tallies:
        shares = (found.coverage, found.lift, found.loss, found.refused)
        yield f"| {found.methods} | {name} | {effect:.3g} | {' | '.join(map(show, shares))} |"


def show(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.1%}"


def tally_all(comparisons: int) -> Iterator[tuple[str, float, Tally]]:
    for situation in SITUATIONS:
        yield situation.name, situation.effect, tally(situation, comparisons)
    for name, found in tally_geo(comparisons):
        yield name, 0.0, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comparisons", type=int, default=2000, help="per row of the table")
    parser.add_argument("--planned", action="store_true", help="the power of planned experiments instead")
    options = parser.parse_args()
    comparisons = options.comparisons
    for line in describe_plans(check_plans(comparisons)) if options.planned else describe(tally_all(comparisons)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
