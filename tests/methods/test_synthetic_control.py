"""Weights of the synthetic control: the published ones, and the conditions that only the best ones meet."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from synthetic_control import fit_synthetic_control

from tests.conftest import REAL

GEOLIFT = REAL / "geolift" / "GeoLift_Test.csv"


def draw_series(seed: int, days: int, donors: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    factors = random.normal(size=(days, 3)).cumsum(axis=0)
    values = 50 + factors @ random.uniform(0, 2, (3, donors + 1)) + random.normal(size=(days, donors + 1))
    return values[:, 0], values[:, 1:]


@pytest.mark.skipif(not GEOLIFT.is_file(), reason=f"the real data is not here: {GEOLIFT}")
def test_the_weights_are_those_of_the_published_walkthrough():
    """Source: facebookincubator/GeoLift, vignettes/GeoLift_Walkthrough.md, summary(GeoTest), Model Weights."""
    published = {
        "cincinnati": 0.2272,
        "miami": 0.2028,
        "baton rouge": 0.1335,
        "minneapolis": 0.09,
        "dallas": 0.0739,
        "nashville": 0.0685,
        "honolulu": 0.0673,
        "austin": 0.0465,
        "san diego": 0.0451,
        "reno": 0.0306,
        "san antonio": 0.0054,
        "new york": 0.0046,
        "houston": 0.0046,
    }
    values = pd.read_csv(GEOLIFT).pivot(index="date", columns="location", values="Y").iloc[:90]
    treated = values.pop("chicago").add(values.pop("portland")).div(2)

    control = fit_synthetic_control(treated.to_numpy(), values.to_numpy())

    weights = pd.Series(control.weights, index=values.columns).round(4)
    assert weights[weights > 0].sort_index().to_dict() == pytest.approx(published, abs=0.0001)


@pytest.mark.parametrize(("days", "donors"), [(20, 2), (60, 40), (90, 40), (90, 300), (400, 300)])
def test_no_shift_of_weight_between_donors_would_fit_better(days, donors):
    """At the minimum over the simplex the squares' slope is lowest, and the same, wherever there is weight."""
    treated, others = draw_series(donors, days, donors)

    control = fit_synthetic_control(treated, others)

    gap = control.find_gap(treated, others)
    slopes = -(others - others.mean(axis=0)).T @ gap
    weighted = control.weights > 0
    scale = np.abs(slopes).max()
    assert control.weights.min() >= 0
    assert control.weights.sum() == pytest.approx(1, abs=1e-12)
    assert np.ptp(slopes[weighted]) <= 1e-9 * scale
    assert slopes.min() >= slopes[weighted].min() - 1e-9 * scale
    assert gap.mean() == pytest.approx(0, abs=1e-9)


def test_another_solver_finds_no_better_fit():
    treated, others = draw_series(7, 90, 12)
    target, donors = treated - treated.mean(), others - others.mean(axis=0)

    def measure(weights):
        return float(np.sum((target - donors @ weights) ** 2))

    rival = minimize(
        measure,
        np.full(12, 1 / 12),
        bounds=[(0, 1)] * 12,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 1000},
    )

    assert rival.success
    assert measure(fit_synthetic_control(treated, others).weights) <= measure(rival.x) * (1 + 1e-9)


def test_a_donor_that_moves_just_like_the_treated_unit_gets_all_the_weight():
    treated, others = draw_series(1, 30, 5)
    others[:, 3] = treated - 11

    control = fit_synthetic_control(treated, others)

    assert control.weights.round(12).tolist() == [0, 0, 0, 1, 0]
    assert control.offset == pytest.approx(11)


@pytest.mark.parametrize("donors", [1, 4])
def test_donors_that_do_not_differ_are_no_trouble(donors):
    treated, others = draw_series(1, 30, 1)

    control = fit_synthetic_control(treated, np.repeat(others, donors, axis=1))

    gap = (treated - treated.mean()) - (others[:, 0] - others.mean())
    assert control.find_gap(treated, np.repeat(others, donors, axis=1)) == pytest.approx(gap)


def test_donors_that_never_move_leave_the_treated_unit_beside_its_own_mean():
    treated = np.array([3.0, 5.0, 7.0])

    control = fit_synthetic_control(treated, np.full((3, 2), 8.0))

    assert control.find_gap(treated, np.full((3, 2), 8.0)) == pytest.approx([-2, 0, 2])
