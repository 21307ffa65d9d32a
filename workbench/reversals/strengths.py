"""How strong each response is, from who beat whom: Bradley-Terry strengths with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special
from scipy.sparse import csgraph, csr_matrix

_PRECISIONS = 4.0 ** np.arange(-3, 4)
"""Prior precisions tried; the data choose among them."""


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Wins between responses.

    Attributes
    ----------
    low, high : int64 (m,): the two responses compared, as nodes 0..size-1.
    won, n : float (m,): comparisons won by `low`, and all of them.
    """

    low: np.ndarray
    high: np.ndarray
    won: np.ndarray
    n: np.ndarray
    size: int


@dataclass(frozen=True, eq=False)
class Strengths:
    r"""Posterior of the strengths under $P(i \succ j) = \sigma(s_i - s_j)$ and $s_i \sim N(0, 1 / \lambda)$.

    Attributes
    ----------
    mode : float (size,).
    factors : for each connected set of responses its nodes and a matrix that turns standard normals into deviations
        from the mode.
    precision : the prior precision, chosen by marginal likelihood (Laplace's approximation): how alike responses are is
        learned from the data, so that few comparisons do not make strong responses.
    """

    mode: np.ndarray
    factors: tuple[tuple[np.ndarray, np.ndarray], ...]
    precision: float

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """One draw from the posterior, (size,)."""
        drawn = self.mode.copy()
        for nodes, factor in self.factors:
            drawn[nodes] += factor @ rng.standard_normal(len(nodes))
        return drawn


def fit_strengths(wins: Comparisons) -> Strengths:
    """Fits Bradley and Terry's model (1952, Biometrika 39, 324-345) with an empirical-Bayes prior.

    Examples
    --------
    >>> wins = Comparisons(np.array([0]), np.array([1]), np.array([9.0]), np.array([10.0]), 2)
    >>> bool(fit_strengths(wins).mode[0] > 0)
    True
    """
    return max((_fit(wins, precision) for precision in _PRECISIONS), key=lambda fitted: fitted[0])[1]


def _fit(wins: Comparisons, precision: float) -> tuple[float, Strengths]:
    """Log marginal likelihood and posterior at one prior precision."""

    def loss(strength: np.ndarray) -> tuple[float, np.ndarray]:
        gap = strength[wins.low] - strength[wins.high]
        value = -(wins.won * special.log_expit(gap) + (wins.n - wins.won) * special.log_expit(-gap)).sum()
        slope = wins.n * special.expit(gap) - wins.won
        gradient = np.bincount(wins.low, slope, wins.size) - np.bincount(wins.high, slope, wins.size)
        return value + precision / 2 * (strength**2).sum(), gradient + precision * strength

    found = optimize.minimize(loss, np.zeros(wins.size), jac=True, method="L-BFGS-B")
    factors, log_determinant = _curvature(wins, found.x, precision)
    evidence = -found.fun + wins.size / 2 * np.log(precision) - log_determinant / 2
    return float(evidence), Strengths(found.x, factors, float(precision))


def _curvature(
    wins: Comparisons, strength: np.ndarray, precision: float
) -> tuple[tuple[tuple[np.ndarray, np.ndarray], ...], float]:
    """Per connected set: nodes and the inverse Cholesky factor of the Hessian; and the log determinant of the whole."""
    chance = special.expit(strength[wins.low] - strength[wins.high])
    weight = wins.n * chance * (1 - chance)
    links = csr_matrix((np.ones(len(weight)), (wins.low, wins.high)), shape=(wins.size, wins.size))
    _, component = csgraph.connected_components(links, directed=False)
    by_component = np.argsort(component, kind="stable")
    edge_order = np.argsort(component[wins.low], kind="stable")
    starts = np.searchsorted(component[by_component], np.arange(component.max(initial=-1) + 2))
    edge_starts = np.searchsorted(component[wins.low][edge_order], np.arange(component.max(initial=-1) + 2))
    factors, log_determinant = [], 0.0
    for c in range(len(starts) - 1):
        nodes = by_component[starts[c] : starts[c + 1]]
        edges = edge_order[edge_starts[c] : edge_starts[c + 1]]
        low, high = np.searchsorted(nodes, wins.low[edges]), np.searchsorted(nodes, wins.high[edges])
        hessian = precision * np.eye(len(nodes))
        for sign, rows, columns in ((1, low, low), (1, high, high), (-1, low, high), (-1, high, low)):
            np.add.at(hessian, (rows, columns), sign * weight[edges])
        lower = np.linalg.cholesky(hessian)
        log_determinant += 2 * np.log(np.diag(lower)).sum()
        factors.append((nodes, np.linalg.inv(lower).T))
    return tuple(factors), float(log_determinant)
