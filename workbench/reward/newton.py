r"""Newton's method for losses that depend on the features through one margin: exact, in a handful of passes over the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

_BLOCK = 16_384
"""Rows weighed at a time, so that no second copy of the features is made."""


@dataclass(frozen=True, eq=False)
class Objective:
    r"""The loss at one point, with its derivatives.

    Attributes
    ----------
    value : the loss, without the penalty on the coefficients.
    slope, curvature : (n,): first and second derivative by the margin of each pair.
    own_slope, own_curvature : (m,), (m, m): by the m other parameters.
    cross : (n, m): mixed derivatives by margin and other parameters.
    """

    value: float
    slope: np.ndarray
    curvature: np.ndarray
    own_slope: np.ndarray = field(default_factory=lambda: np.empty(0))
    own_curvature: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    cross: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))


@dataclass(frozen=True, eq=False)
class Minimum:
    """Where the loss is least: coefficients, the other parameters, covariance of the coefficients, loss without penalty."""

    coefficients: np.ndarray
    parameters: np.ndarray
    covariance: np.ndarray
    data_loss: float
    iterations: int
    converged: bool


def minimise(
    x: np.ndarray,
    at: Callable[[np.ndarray, np.ndarray], Objective],
    penalty: float,
    start: np.ndarray | None = None,
    iterations: int = 100,
    tolerance: float = 1e-10,
    begin: np.ndarray | None = None,
) -> Minimum:
    """Least loss over coefficients and other parameters, with step halving.

    Parameters
    ----------
    x : (n, d).
    at : loss and derivatives, given the other parameters and the margins; an infinite value refuses the point.
    penalty : weight of half the squared coefficients.
    start : the other parameters to begin from.
    iterations : stop there at the latest.
    begin : the coefficients to begin from; zero by default.
    tolerance : stop when the Newton decrement, twice the gain still expected, is below this share of the loss.
    """
    beta, others = np.zeros(x.shape[1]) if begin is None else begin.astype(float), np.empty(0) if start is None else start.astype(float)
    margin = _margins(x, beta)
    point = at(others, margin)
    converged, count = False, 0
    for count in range(1, iterations + 1):  # noqa: B007
        gradient = np.concatenate([_weighted_sum(x, point.slope) + penalty * beta, point.own_slope])
        factor = _factor(_hessian(x, point, penalty))
        step = -cho_solve(factor, gradient)
        decrement = float(-gradient @ step)
        loss = point.value + 0.5 * penalty * float(beta @ beta)
        if decrement <= tolerance * max(abs(loss), 1e-12):
            converged = True
            break
        direction, scale = _margins(x, step[: len(beta)]), 1.0
        while True:
            tried = at(others + scale * step[len(beta) :], margin + scale * direction)
            new = beta + scale * step[: len(beta)]
            if tried.value + 0.5 * penalty * float(new @ new) <= loss - 1e-4 * scale * decrement or scale < 1e-6:
                break
            scale /= 2
        if scale < 1e-6:
            break
        beta, others, margin, point = new, others + scale * step[len(beta) :], margin + scale * direction, tried
    factor = _factor(_hessian(x, point, penalty))
    covariance = cho_solve(factor, np.eye(len(beta) + len(others)))[: len(beta), : len(beta)]
    return Minimum(beta, others, (covariance + covariance.T) / 2, point.value, count, converged)


def _margins(x: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """(n,): in double precision whatever the features are held in, since the line search compares sums of them."""
    return np.concatenate([x[i : i + _BLOCK].astype(float) @ beta for i in range(0, len(x), _BLOCK)])


def _weighted_sum(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.sum([x[i : i + _BLOCK].astype(float).T @ weight[i : i + _BLOCK] for i in range(0, len(x), _BLOCK)], axis=0)


def _hessian(x: np.ndarray, point: Objective, penalty: float) -> np.ndarray:
    d, m = x.shape[1], len(point.own_slope)
    full = np.zeros((d + m, d + m))
    root = np.sqrt(np.maximum(point.curvature, 0.0)).astype(x.dtype)
    for i in range(0, len(x), _BLOCK):
        block = x[i : i + _BLOCK] * root[i : i + _BLOCK, None]
        full[:d, :d] += block.T @ block
    full[np.arange(d), np.arange(d)] += penalty
    if m:
        mixed = np.stack([_weighted_sum(x, point.cross[:, j]) for j in range(m)], axis=1)
        full[:d, d:], full[d:, :d], full[d:, d:] = mixed, mixed.T, point.own_curvature
    return full


def _factor(hessian: np.ndarray) -> tuple[np.ndarray, bool]:
    """Cholesky factor, with as little added to the diagonal as it takes."""
    ridge = 0.0
    while True:
        try:
            return cho_factor(hessian + ridge * np.eye(len(hessian)), lower=True)
        except LinAlgError:
            ridge = max(10 * ridge, 1e-10 * max(float(np.trace(hessian)) / max(len(hessian), 1), 1e-6))
