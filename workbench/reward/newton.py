r"""Newton's method for losses that depend on the features through one margin: exact, in a handful of passes over the
data.
"""

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
    """Where the loss is least: coefficients, the other parameters, covariance of the coefficients, loss without
    penalty.
    """

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
    *,
    begin: np.ndarray | None = None,
    hessian: np.ndarray | None = None,
    draft: bool = False,
    iterations: int = 200,
) -> Minimum:
    """Least loss over coefficients and other parameters, with step halving.

    The Hessian of the coefficients, which costs most, is computed again only where steps with the old one do not pay
    (Shamanskii 1967): the minimum is the same, since the gradient is always the true one.

    Parameters
    ----------
    x : (n, d).
    at : loss and derivatives, given the other parameters and the margins; an infinite value refuses the point.
    penalty : weight of half the squared coefficients.
    start : the other parameters to begin from.
    begin : the coefficients to begin from; zero by default.
    hessian : (d, d): of the loss by the coefficients, roughly, to begin with.
    draft : for choosing between many: sums in the precision of the features, a tolerance of a millionth, and no
        covariance.
    iterations : stop there at the latest.
    """
    beta, others = (
        np.zeros(x.shape[1]) if begin is None else begin.astype(float),
        np.empty(0) if start is None else start.astype(float),
    )
    tolerance = 1e-6 if draft else 1e-12
    margin = margins(x, beta, draft)
    point = at(others, margin)
    curved, fresh = (hessian, False) if hessian is not None else (gram(x, point.curvature), True)
    converged, count, before = False, 0, np.inf
    for count in range(1, iterations + 1):  # noqa: B007
        gradient = np.concatenate([_weighted_sum(x, point.slope, draft) + penalty * beta, point.own_slope])
        step = -cho_solve(_factor(_whole(x, curved, point, penalty)), gradient)
        decrement = float(-gradient @ step)
        loss = point.value + 0.5 * penalty * float(beta @ beta)
        if decrement <= tolerance * max(abs(loss), 1e-12):
            converged = True
            break
        if not fresh and decrement > 0.3 * before:
            curved, fresh, before = gram(x, point.curvature), True, np.inf
            continue
        direction, scale = margins(x, step[: len(beta)], draft), 1.0
        while True:
            tried = at(others + scale * step[len(beta) :], margin + scale * direction)
            new = beta + scale * step[: len(beta)]
            if tried.value + 0.5 * penalty * float(new @ new) <= loss - 1e-4 * scale * decrement or scale < 1e-6:
                break
            scale /= 2
        if scale < 1e-6:
            if fresh:
                break
            curved, fresh, before = gram(x, point.curvature), True, np.inf
            continue
        # After a shortened step the minimum is still far, and the next one deserves a Hessian of its own.
        before, fresh = (decrement if scale == 1.0 else 0.0), False
        beta, others, margin, point = new, others + scale * step[len(beta) :], margin + scale * direction, tried
    if draft:
        return Minimum(beta, others, np.empty((0, 0)), point.value, count, converged)
    factor = _factor(_whole(x, gram(x, point.curvature), point, penalty))
    covariance = cho_solve(factor, np.eye(len(beta) + len(others)))[: len(beta), : len(beta)]
    return Minimum(beta, others, (covariance + covariance.T) / 2, point.value, count, converged)


def margins(x: np.ndarray, beta: np.ndarray, draft: bool = False) -> np.ndarray:
    """float64 (n,): summed in double precision unless it is a draft, since the line search compares sums of them."""
    if draft:
        return np.asarray(x @ beta.astype(x.dtype), float)
    return np.concatenate([x[i : i + _BLOCK].astype(float) @ beta for i in range(0, len(x), _BLOCK)])


def gram(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum of weight times x x^T, float64 (d, d), a block of rows at a time."""
    full = np.zeros((x.shape[1], x.shape[1]))
    root = np.sqrt(np.maximum(weight, 0.0)).astype(x.dtype)
    for i in range(0, len(x), _BLOCK):
        block = x[i : i + _BLOCK] * root[i : i + _BLOCK, None]
        full += block.T @ block
    return full


def _weighted_sum(x: np.ndarray, weight: np.ndarray, draft: bool = False) -> np.ndarray:
    if draft:
        return np.asarray(weight.astype(x.dtype) @ x, float)
    return np.sum(
        [x[i : i + _BLOCK].astype(float).T @ weight[i : i + _BLOCK] for i in range(0, len(x), _BLOCK)], axis=0
    )


def _whole(x: np.ndarray, curved: np.ndarray, point: Objective, penalty: float) -> np.ndarray:
    """The Hessian by coefficients and other parameters, penalty included."""
    d, m = x.shape[1], len(point.own_slope)
    full = np.zeros((d + m, d + m))
    full[:d, :d] = curved
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
