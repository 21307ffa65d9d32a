r"""What a label of a pair is expected to tell, and how the uncertainty of a linear reward model shrinks as pairs are
picked.

Under Bradley-Terry a label of a pair with features x has Fisher information $p(1-p)\,xx^\top$ about the coefficients:
most where p is one half, and none where the better response is clear. A label that is flipped with chance $\eta$ keeps
about $(1-2\eta)^2$ of it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import entr, expit

from workbench.selection.contract import Pool
from workbench.selection.kernels import BLOCK, project

EVEN = 0.25
"""Information of a label where nothing is known of its probability: that of an even chance."""


def binary_entropy(p: np.ndarray) -> np.ndarray:
    """Entropy of a coin in nats.

    >>> float(binary_entropy(np.array(0.5)).round(4))
    0.6931
    """
    return np.asarray(entr(p) + entr(1 - p))


def kept_by_noise(pool: Pool) -> np.ndarray:
    r"""Share of a label's information that noise leaves, $(1-2\eta)^2$; ones where nothing is known of it."""
    return np.ones(len(pool)) if pool.flip is None else (1 - 2 * pool.flip) ** 2


def label_information(pool: Pool, *, noise_aware: bool) -> np.ndarray:
    """Fisher information of a label about its margin, float64 (n,): p (1 - p), a quarter without a model, less where
    labels are noisy.
    """
    p = pool.probability
    weight = np.full(len(pool), EVEN) if p is None else p * (1 - p)
    return weight * kept_by_noise(pool) if noise_aware else weight


def per_cost(pool: Pool, *, cost_aware: bool) -> np.ndarray:
    """One over what a label costs, as a share of the mean cost; ones where costs do not count."""
    if not cost_aware or pool.cost is None or len(pool) == 0:
        return np.ones(len(pool))
    return np.asarray(pool.cost.mean() / pool.cost)


def start_covariance(pool: Pool, penalty: float) -> np.ndarray:
    r"""How unsure are the coefficients before anything is picked? float64 (d, d).

    That of the model where it has one; otherwise $(\lambda I + \tfrac14 \sum xx^\top)^{-1}$ over the pairs that have
    labels.
    """
    if pool.covariance is not None:
        return np.array((pool.covariance + pool.covariance.T) / 2, float)
    precision = penalty * np.eye(pool.dim)
    for x in (pool.labelled, pool.features[pool.voted] if pool.votes is not None else None):
        for i in range(0, 0 if x is None else len(x), BLOCK):
            block = x[i : i + BLOCK].astype(float)  # type: ignore[index]
            precision += EVEN * block.T @ block
    return np.asarray(np.linalg.inv(precision))


def variances(x: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    r"""$x^\top V x$ of each row, float64 (n,), in single precision within."""
    width = len(covariance)
    slight = 1e-12 * np.trace(covariance) / max(width, 1) * np.eye(width)
    root = np.linalg.cholesky(covariance + slight).astype(np.float32)
    found = np.empty(len(x))
    for i in range(0, len(x), BLOCK):
        y = x[i : i + BLOCK] @ root
        found[i : i + BLOCK] = np.einsum("nd,nd->n", y, y)
    return found


class LinearInformation:
    r"""The variance $s_i = x_i^\top V x_i$ of every margin as picked pairs add their information to the model.

    A pick j with information w takes $w\,(x_i^\top V x_j)^2 / (1 + w s_j)$ off every $s_i$ (Sherman & Morrison 1950),
    so a pick costs one product of the features with the vector $V x_j$. Of the active rows that product is made at
    once, in double precision; of all others many picks are gathered into one matrix product in single precision.

    Parameters
    ----------
    x : float32 (n, d).
    covariance : float64 (d, d): V before the first pick.
    weight : float64 (n,): information w of a label of each row.
    """

    def __init__(self, x: np.ndarray, covariance: np.ndarray, weight: np.ndarray) -> None:
        self.x, self.covariance, self.weight = x, covariance, weight
        self._waiting: list[np.ndarray] = []
        self._anchor, self._all = np.empty(0), np.empty(0)
        self._rows, self._held, self.active = np.empty(0, np.int64), x[:0], np.empty(0)

    def upper(self) -> np.ndarray:
        """Variances of all rows, none too low, float64 (n,)."""
        if len(self._all) == 0 or len(self._waiting) >= self.x.shape[1] // 2:
            self._all = variances(self.x, self.covariance)
            self._anchor = self._all.copy()
        elif self._waiting:
            across = np.array(self._waiting, np.float32).T
            for i in range(0, len(self.x), BLOCK):
                y = self.x[i : i + BLOCK] @ across
                self._all[i : i + BLOCK] -= np.einsum("nb,nb->n", y, y)
        self._waiting = []
        return np.asarray(np.maximum(self._all, 0.0) + 1e-5 * self._anchor)

    def enter(self, rows: np.ndarray) -> None:
        """Keeps these rows exactly up to date, in `active`, float64 (len(rows),)."""
        self._rows = rows
        self._held = self.x if len(rows) == len(self.x) else self.x[rows]
        self.active = np.empty(len(rows))
        for i in range(0, len(rows), BLOCK):
            block = self._held[i : i + BLOCK].astype(float)
            self.active[i : i + BLOCK] = np.einsum("nd,nd->n", block @ self.covariance, block)

    def take(self, k: int) -> None:
        """The k-th active row gets a label."""
        weight = self.weight[self._rows[k]]
        across = self.covariance @ self._held[k].astype(float)
        step = across * np.sqrt(weight / (1 + weight * max(self.active[k], 0.0)))
        self.covariance = self.covariance - np.outer(step, step)
        self._waiting.append(step)
        product = np.empty(len(self._rows))
        project(self._held, step, product)
        self.active = np.maximum(self.active - product**2, 0.0)


def log_det_gain(pool: Pool, picks: np.ndarray, *, penalty: float = 1.0, noise_aware: bool = True) -> float:
    r"""How much do these picks together tell about the coefficients? $\ln\det(I + V \sum_j w_j x_jx_j^\top)$, the same
    measure for all strategies.

    Half of it is the information in nats that the labels are expected to give about a linear reward model (its Laplace
    approximation).
    """
    covariance, weight = start_covariance(pool, penalty), label_information(pool, noise_aware=noise_aware)
    total = np.eye(pool.dim)
    for i in range(0, len(picks), BLOCK):
        rows = picks[i : i + BLOCK]
        x = pool.features[rows].astype(float)
        total += covariance @ ((x * weight[rows, None]).T @ x)
    return float(np.linalg.slogdet(total)[1])


_MARGINS = np.linspace(0.0, 14.0, 225)
_SPREADS = np.linspace(0.0, 12.0, 241)


@cache
def _mutual_information() -> np.ndarray:
    """BALD over the variance, on a grid of margins and standard deviations, by the trapezoid rule; (241, 225)."""
    z = np.linspace(-8, 8, 257)
    mass = np.exp(-0.5 * z**2)
    mass /= mass.sum()
    table = np.empty((len(_SPREADS), len(_MARGINS)))
    for r, spread in enumerate(np.maximum(_SPREADS, 1e-2)):
        p = expit(_MARGINS[:, None] + spread * z)
        table[r] = (binary_entropy(p @ mass) - binary_entropy(p) @ mass) / spread**2
    return table


def expected_information(margin: np.ndarray, variance: np.ndarray) -> np.ndarray:
    r"""BALD of a margin that is uncertain as a normal distribution: $H(E\,\sigma(z)) - E\,H(\sigma(z))$ in nats, $z
    \sim N(\Delta, v)$.

    By a table of the integrals and linear interpolation between, right to one part in a hundred.

    >>> float(expected_information(np.array([0.0]), np.array([1.0]))[0].round(3))
    0.094
    """
    table = _mutual_information()
    spread = np.clip(np.sqrt(np.maximum(variance, 0.0)), 0.0, _SPREADS[-1])
    at_m = np.clip(np.abs(margin) / _MARGINS[1], 0.0, len(_MARGINS) - 1.000001)
    at_s = np.minimum(spread / _SPREADS[1], len(_SPREADS) - 1.000001)
    m, s = at_m.astype(np.int64), at_s.astype(np.int64)
    f, g = at_m - m, at_s - s
    low = table[s, m] * (1 - f) + table[s, m + 1] * f
    high = table[s + 1, m] * (1 - f) + table[s + 1, m + 1] * f
    return np.asarray((low * (1 - g) + high * g) * spread**2)
