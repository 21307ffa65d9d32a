"""How strong each response is, from who beat whom: Bradley-Terry strengths with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, optimize, special
from scipy.sparse import csgraph, csr_matrix, diags, identity
from scipy.sparse.linalg import LinearOperator, cg

MOST_DENSE = 1_500
"""Connected responses up to which the curvature is held as a matrix of all pairs; where one response is common to all
items, they are connected throughout."""
_PROBES, _LANCZOS_STEPS = 8, 40

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
class Dense:
    """Deviations of a set of connected responses from their mode, by the inverse Cholesky factor of the curvature."""

    nodes: np.ndarray
    factor: np.ndarray

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """One draw, (len(nodes),)."""
        return self.factor @ rng.standard_normal(len(self.nodes))


@dataclass(frozen=True, eq=False)
class Sparse:
    r"""The same for a set too large for a matrix of all its pairs.

    The curvature is $H = \lambda I + B^\top W B$ (B: comparisons by responses), so $H^{-1} (\sqrt\lambda z_1 +
    B^\top W^{1/2} z_2)$ with standard normal z has covariance $H^{-1}$ exactly; conjugate gradients solve for it.
    """

    nodes: np.ndarray
    curvature: csr_matrix
    steps: csr_matrix
    precision: float

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """One draw, (len(nodes),)."""
        wanted = np.sqrt(self.precision) * rng.standard_normal(len(self.nodes))
        wanted += self.steps.T @ rng.standard_normal(self.steps.shape[0])
        diagonal = self.curvature.diagonal()
        inverse = LinearOperator(self.curvature.shape, matvec=lambda x: x / diagonal, dtype=float)
        return np.asarray(cg(self.curvature, wanted, rtol=1e-6, maxiter=1_000, M=inverse)[0])


@dataclass(frozen=True, eq=False)
class Strengths:
    r"""Posterior of the strengths under $P(i \succ j) = \sigma(s_i - s_j)$ and $s_i \sim N(0, 1 / \lambda)$.

    Attributes
    ----------
    mode : float (size,).
    parts : how each connected set of responses deviates from the mode.
    precision : the prior precision, chosen by marginal likelihood (Laplace's approximation): how alike responses are is
        learned from the data, so that few comparisons do not make strong responses.
    """

    mode: np.ndarray
    parts: tuple[Dense | Sparse, ...]
    precision: float

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """One draw from the posterior, (size,)."""
        drawn = self.mode.copy()
        if any(isinstance(part, Sparse) for part in self.parts):
            for part in self.parts:
                drawn[part.nodes] += part.draw(rng)
            return drawn
        noise = rng.standard_normal(self._alike.total)
        for nodes, factors, own in self._alike.stacks:
            drawn[nodes] += np.einsum("gij,gj->gi", factors, noise[own])
        return drawn

    @cached_property
    def _alike(self) -> _Alike:
        """The parts put together by their number of responses, so that hundreds of small ones are drawn at once, from
        the same noise as one after the other.
        """
        begin = np.cumsum([0, *(len(part.nodes) for part in self.parts)])
        of_size: dict[int, list[int]] = {}
        for k, part in enumerate(self.parts):
            of_size.setdefault(len(part.nodes), []).append(k)
        dense = [part for part in self.parts if isinstance(part, Dense)]
        stacks = [
            (
                np.stack([dense[k].nodes for k in alike]),
                np.stack([dense[k].factor for k in alike]),
                np.stack([np.arange(begin[k], begin[k + 1]) for k in alike]),
            )
            for alike in of_size.values()
        ]
        return _Alike(int(begin[-1]), stacks)


@dataclass(frozen=True, eq=False)
class _Alike:
    """Dense parts by their number of responses: nodes (g, k), factors (g, k, k) and places of their noise (g, k)."""

    total: int
    stacks: list[tuple[np.ndarray, np.ndarray, np.ndarray]]


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
    parts, log_determinant = _curvature(wins, found.x, precision)
    evidence = -found.fun + wins.size / 2 * np.log(precision) - log_determinant / 2
    return float(evidence), Strengths(found.x, parts, float(precision))


def _curvature(wins: Comparisons, strength: np.ndarray, precision: float) -> tuple[tuple[Dense | Sparse, ...], float]:
    """How each connected set deviates, and the log determinant of the whole curvature."""
    chance = special.expit(strength[wins.low] - strength[wins.high])
    weight = wins.n * chance * (1 - chance)
    links = csr_matrix((np.ones(len(weight)), (wins.low, wins.high)), shape=(wins.size, wins.size))
    _, component = csgraph.connected_components(links, directed=False)
    by_component = np.argsort(component, kind="stable")
    edge_order = np.argsort(component[wins.low], kind="stable")
    starts = np.searchsorted(component[by_component], np.arange(component.max(initial=-1) + 2))
    edge_starts = np.searchsorted(component[wins.low][edge_order], np.arange(component.max(initial=-1) + 2))
    parts: list[Dense | Sparse] = []
    log_determinant = 0.0
    for c in range(len(starts) - 1):
        nodes = by_component[starts[c] : starts[c + 1]]
        edges = edge_order[edge_starts[c] : edge_starts[c + 1]]
        low, high = np.searchsorted(nodes, wins.low[edges]), np.searchsorted(nodes, wins.high[edges])
        make = _dense if len(nodes) <= MOST_DENSE else _sparse
        part, part_determinant = make(nodes, low, high, weight[edges], precision)
        parts.append(part)
        log_determinant += part_determinant
    return tuple(parts), float(log_determinant)


def _dense(
    nodes: np.ndarray, low: np.ndarray, high: np.ndarray, weight: np.ndarray, precision: float
) -> tuple[Dense, float]:
    hessian = precision * np.eye(len(nodes))
    for sign, rows, columns in ((1, low, low), (1, high, high), (-1, low, high), (-1, high, low)):
        np.add.at(hessian, (rows, columns), sign * weight)
    lower = np.linalg.cholesky(hessian)
    return Dense(nodes, np.linalg.inv(lower).T), 2 * float(np.log(np.diag(lower)).sum())


def _sparse(
    nodes: np.ndarray, low: np.ndarray, high: np.ndarray, weight: np.ndarray, precision: float
) -> tuple[Sparse, float]:
    m, root = np.arange(len(low)), np.sqrt(weight)
    steps = csr_matrix(
        (np.concatenate([root, -root]), (np.concatenate([m, m]), np.concatenate([low, high]))), (len(low), len(nodes))
    )
    hessian = csr_matrix(steps.T @ steps + precision * identity(len(nodes), format="csr"))
    return Sparse(nodes, hessian, steps, precision), _log_determinant(hessian)


def _log_determinant(hessian: csr_matrix) -> float:
    r"""Of a positive definite sparse matrix, by stochastic Lanczos quadrature (Ubaru, Chen & Saad 2017, SIAM Journal on
    Matrix Analysis 38(4), 1075-1099) of the matrix scaled to a unit diagonal.
    """
    diagonal = hessian.diagonal()
    scale = diags(1 / np.sqrt(diagonal))
    scaled = scale @ hessian @ scale
    n, rng = len(diagonal), np.random.default_rng(0)
    total = 0.0
    for _ in range(_PROBES):
        vector = rng.choice([-1.0, 1.0], n) / np.sqrt(n)
        before, basis = np.zeros(n), [vector]
        alphas, betas = [], [0.0]
        for _ in range(min(_LANCZOS_STEPS, n)):
            new = scaled @ vector - betas[-1] * before
            alphas.append(float(vector @ new))
            new -= alphas[-1] * vector
            for each in basis:
                new -= (each @ new) * each
            size = float(np.linalg.norm(new))
            if size < 1e-10:
                break
            before, vector = vector, new / size
            basis.append(vector)
            betas.append(size)
        values, vectors = linalg.eigh_tridiagonal(np.array(alphas), np.array(betas[1 : len(alphas)]))
        total += n * float((vectors[0] ** 2 * np.log(np.maximum(values, 1e-300))).sum())
    return total / _PROBES + float(np.log(diagonal).sum())
