r"""A power law fitted to learning curves.

$\text{accuracy}(n) = a - b\,n^{-c}$ (Cortes et al. 1994, "Learning curves: asymptotic values and rate of convergence",
NIPS 6; Hestness et al. 2017, "Deep learning scaling is predictable, empirically"). For a given `c` the best `a` and `b`
are a weighted line through $n^{-c}$; so `c` is searched on a grid, for all draws of a bootstrap at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXPONENTS = np.geomspace(0.1, 2.0, 61)
"""Exponents looked at: slower than 0.1 is a line on a logarithmic axis, faster than 2 a step."""


@dataclass(frozen=True, eq=False)
class PowerLaw:
    """Fitted curves, one a row: float64 (k,) each.

    Attributes
    ----------
    limit : a, the accuracy it tends to.
    drop : b, at least 0.
    exponent : c, on the grid `EXPONENTS`.
    error : root of the weighted mean squared residual.
    """

    limit: np.ndarray
    drop: np.ndarray
    exponent: np.ndarray
    error: np.ndarray

    def at(self, n: float) -> np.ndarray:
        """Accuracy with n labels, (k,)."""
        return self.limit - self.drop * np.power(float(n), -self.exponent)

    def labels_for(self, accuracy: float) -> np.ndarray:
        """Labels until an accuracy is reached, (k,); infinite where the curve never gets there."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = np.power(self.drop / (self.limit - accuracy), 1 / self.exponent)
        return np.where(self.limit > accuracy, found, np.inf)


def fit_power_law(n: np.ndarray, accuracy: np.ndarray, weight: np.ndarray | None = None) -> PowerLaw:
    """The closest curves $a - b n^{-c}$ with a at most 1 and b at least 0.

    Parameters
    ----------
    n : float (points,): labels.
    accuracy : float (k, points) or (points,): one curve a row.
    weight : float (points,): how much each point counts; all the same by default.

    >>> n = np.array([50.0, 100, 200, 400, 800])
    >>> law = fit_power_law(n, 0.9 - 1.2 * n**-0.5)
    >>> law.limit.round(2).tolist(), law.drop.round(1).tolist(), law.at(3200).round(3).tolist()
    ([0.9], [1.2], [0.879])
    """
    y = np.atleast_2d(np.asarray(accuracy, float))
    w = np.ones(len(n)) if weight is None else np.asarray(weight, float)
    w = w / w.sum()
    best = np.full(len(y), np.inf)
    a, b, c = (np.zeros(len(y)) for _ in range(3))
    mean = y @ w
    for exponent in EXPONENTS:
        u = np.power(np.asarray(n, float), -exponent)
        middle = w @ u
        spread = w @ (u - middle) ** 2
        slope = np.maximum(-((y - mean[:, None]) @ (w * (u - middle))) / spread, 0.0)
        limit = mean + slope * middle
        over = limit > 1
        slope = np.where(over, np.maximum((w * u) @ (1 - y).T / (w @ u**2), 0.0), slope)
        limit = np.where(over, 1.0, limit)
        error = ((limit[:, None] - slope[:, None] * u - y) ** 2) @ w
        better = error < best
        best, a, b, c = (
            np.where(better, error, best),
            np.where(better, limit, a),
            np.where(better, slope, b),
            np.where(better, exponent, c),
        )
    return PowerLaw(a, b, c, np.sqrt(best))
