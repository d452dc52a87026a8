"""A control that never was: the mix of control units that moved like the treated ones before the start."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

REPLICA = 1e-12  # a donor this near to the treated series, relative to the farthest donor, is the treated series


@dataclass(frozen=True)
class SyntheticControl:
    """`weights`: one per donor, none below 0, together 1. `offset`: the level by which the treated series lies above
    the weighted donors."""

    weights: np.ndarray
    offset: float

    def find_gap(self, treated: np.ndarray, donors: np.ndarray) -> np.ndarray:
        """Treated minus synthetic control, day by day."""
        return treated - donors @ self.weights - self.offset


def fit_synthetic_control(treated: np.ndarray, donors: np.ndarray) -> SyntheticControl:
    """Fit to these days: least squares on series from which each unit's own mean is taken away first.

    Args:
        treated: (days,) the treated units' average.
        donors: (days, units) of the control units.

    Source: Doudchenko & Imbens (2016), Balancing, regression, difference-in-differences and synthetic control methods,
    NBER 22791; Ferman & Pinto (2021), Synthetic controls with imperfect pretreatment fit, Quantitative Economics 12:
    1197-1221, "demeaned synthetic control"; the same as `fixedeff = TRUE` without augmentation in the R packages
    augsynth and GeoLift. Written here because pysyncon 1.7 (MIT), the kept library in Python, knows no unit effects.
    """
    weights = _find_weights(treated - treated.mean(), donors - donors.mean(axis=0))
    return SyntheticControl(weights, float(treated.mean() - donors.mean(axis=0) @ weights))


def _find_weights(target: np.ndarray, donors: np.ndarray) -> np.ndarray:
    """The mix of donors nearest to the target.

    With weights that sum to 1, donors @ w - target is (donors - target) @ w: the mix sought is the point of least norm
    in the convex hull of the differences D. Non-negative least squares finds it exactly, because the v >= 0 with the
    least |D v|² + (1 - sum v)² is a multiple of the weights. Source: Wolfe (1976), Finding the nearest point in a
    polytope, Mathematical Programming 11:128-149; Lawson & Hanson (1974), Solving least squares problems, chapter 23.
    """
    differences = donors - target[:, None]
    distances = np.linalg.norm(differences, axis=0)
    nearest = int(np.argmin(distances))
    if distances[nearest] <= REPLICA * distances.max():
        return np.eye(len(distances))[nearest]
    system = np.vstack([differences / distances[nearest], np.ones(len(distances))])
    goal = np.zeros(len(system))
    goal[-1] = 1.0
    multiples, _ = nnls(system, goal, maxiter=30 * len(distances))
    return multiples / multiples.sum()
