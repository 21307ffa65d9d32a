r"""Opinions of several methods put together, with weights that gold may correct without judging itself.

The pool of opinions is logarithmic: $\ln p_{il} = \sum_m w_m \ln p_{mil} + c_l + \mathrm{const}$ (Genest & Zidek 1986,
*Combining probability distributions*, Statistical Science 1). Where gold is known, w and c maximise its likelihood,
drawn to the weights chosen without it; the gold items are cut into folds, and the labels of each fold come from the
gold of the others (stacking: Wolpert 1992). Three corrections are held against each other on gold that they were not
learned from: none, one temperature, and w with c; one with more freedom has to cost less and to have as many labels
right. So gold corrects how sure labels are and how common each is, and still judges them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit

from workbench.aggregation.ascent import climb
from workbench.aggregation.kernels import in_parts
from workbench.dataset.scales import NULL
from workbench.estimates import FEW_CLUSTERS

LEAST_PROBABILITY = 1e-6
"""No method is taken to be surer than this that a label is wrong."""

LEAST_GOLD = 40
"""Gold items below which gold corrects nothing."""

FOLDS = 5

MOST_GOLD = 5_000
"""Gold items that weights are learned from, drawn at random where there are more."""

_WEIGHTS = 0.2
"""Standard deviation of the weights around those chosen without gold."""

_SHARES = 0.7
"""Standard deviation of c around 0."""


@dataclass(frozen=True, eq=False)
class Stacked:
    """Opinions put together.

    Attributes
    ----------
    posterior : float64 (n_items, K); NaN where no method has an opinion.
    weights : float64 (M,): w, of all gold where there is enough.
    shift : float64 (K,): c.
    n_gold : gold items that corrected them, 0 where none did.
    """

    posterior: np.ndarray
    weights: np.ndarray
    shift: np.ndarray
    n_gold: int


def pooled(opinions: list[np.ndarray], weights: np.ndarray, shift: np.ndarray | None = None) -> np.ndarray:
    """The logarithmic pool of opinions (n_items, K), as probabilities.

    >>> half = np.full((1, 2), 0.5)
    >>> pooled([np.array([[0.8, 0.2]]), half], np.array([0.5, 0.5])).round(3).tolist()
    [[0.667, 0.333]]
    """
    shifts = np.zeros((1, opinions[0].shape[1])) if shift is None else shift[None]
    return _pooled(opinions, np.asarray(weights, float)[None], shifts, np.zeros(len(opinions[0]), np.int8))


def _pooled(opinions: list[np.ndarray], weights: np.ndarray, shifts: np.ndarray, which: np.ndarray) -> np.ndarray:
    """The pool of each item by the row of weights (rows, M) and shifts (rows, K) that `which` (n_items,) names."""
    n, k = opinions[0].shape
    found = np.zeros((n, k))
    many = np.ascontiguousarray(weights)

    def work(low: int, high: int) -> tuple:
        for m, opinion in enumerate(opinions):
            _add_logs(opinion, many[:, m].copy(), which, low, high, found)
        _to_chances(np.ascontiguousarray(shifts), which, low, high, found)
        return ()

    edges = np.linspace(0, n, 1 + min(8, 1 + n // 50_000)).astype(int).tolist()
    in_parts(list(pairwise(edges)), work)
    return found


@njit(nogil=True, cache=True)
def _add_logs(
    opinion: np.ndarray, weight: np.ndarray, which: np.ndarray, low: int, high: int, found: np.ndarray
) -> None:
    for i in range(low, high):
        w = weight[which[i]]
        for label in range(opinion.shape[1]):
            p = opinion[i, label]
            found[i, label] += w * np.log(p if not p < LEAST_PROBABILITY else LEAST_PROBABILITY)


@njit(nogil=True, cache=True)
def _to_chances(shifts: np.ndarray, which: np.ndarray, low: int, high: int, found: np.ndarray) -> None:
    for i in range(low, high):
        top = -np.inf
        for label in range(found.shape[1]):
            found[i, label] += shifts[which[i], label]
            top = max(top, found[i, label])
        total = 0.0
        for label in range(found.shape[1]):
            found[i, label] = np.exp(found[i, label] - top)
            total += found[i, label]
        for label in range(found.shape[1]):
            found[i, label] /= total


def stacked(
    opinions: list[np.ndarray], weights: np.ndarray, gold: np.ndarray, group: np.ndarray | None = None, seed: int = 0
) -> Stacked:
    """The pool of opinions, corrected by gold where there is enough, each gold item by the gold of other folds.

    Parameters
    ----------
    opinions : posteriors of M methods, each (n_items, K).
    weights : float64 (M,): w without gold.
    gold : int (n_items,): code of the right label, -1 = unknown.
    group : int (n_items,): items of one number, such as those of a prompt, are in one fold.
    seed : of the folds.
    """
    k = opinions[0].shape[1]
    known = np.flatnonzero(gold != NULL)
    for opinion in opinions:
        known = known[~np.isnan(opinion[known, 0])]
    which = np.zeros(len(gold), np.int8)
    best_w, best_c, used = np.asarray(weights, float)[None], np.zeros((1, k)), 0
    if len(known) < LEAST_GOLD or (gold[known] == gold[known[0]]).all():
        return Stacked(_pooled(opinions, best_w, best_c, which), weights, np.zeros(k), 0)
    rng = np.random.default_rng(seed)
    place = np.arange(len(known)) if group is None else np.unique(group[known], return_inverse=True)[1]
    if place.max() + 1 < FEW_CLUSTERS:  # too few prompts to learn from some for others
        place = np.arange(len(known))
    fold = rng.permutation(place.max() + 1)[place] % FOLDS
    drawn = rng.permutation(len(known))[:MOST_GOLD]
    logs = np.stack([np.log(np.maximum(opinion[known[drawn]], LEAST_PROBABILITY)) for opinion in opinions])
    right, some = gold[known[drawn]], [opinion[known[drawn]] for opinion in opinions]
    best_right, best_cost = _on_gold(pooled(some, weights), right)
    for learn in (_temperature, _learned):
        # Row 0 is learned from all gold, for items without; row f + 1 from the gold outside fold f, for those in it.
        rows = [learn(logs, right, weights)]
        for one in range(FOLDS):
            outside = fold[drawn] != one
            rows.append(learn(logs[:, outside], right[outside], weights))
        w, c = np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows])
        got, cost = _on_gold(_pooled(some, w, c, (fold[drawn] + 1).astype(np.int8)), right)
        if got >= best_right and cost < best_cost:
            best_w, best_c, used, best_right, best_cost = w, c, len(known), got, cost
    if used:
        which[known] = fold + 1
    return Stacked(_pooled(opinions, best_w, best_c, which), best_w[0], best_c[0], used)


def _on_gold(posterior: np.ndarray, gold: np.ndarray) -> tuple[int, float]:
    """How many labels are right, and what the posteriors cost in nats."""
    chance = posterior[np.arange(len(gold)), gold]
    return int((posterior.argmax(1) == gold).sum()), float(-np.log(np.maximum(chance, 1e-12)).sum())


def _temperature(logs: np.ndarray, gold: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights times one number, such that gold is likely, drawn to 1; no shift."""
    total = np.tensordot(weights, logs, 1)
    w, _ = _learned(total[None], gold, np.ones(1), shifts=False)
    return np.maximum(w[0], 0.05) * weights, np.zeros(logs.shape[2])


def _learned(
    logs: np.ndarray, gold: np.ndarray, weights: np.ndarray, shifts: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Weights and shifts that make gold likely, drawn to the weights given."""
    m, _, k = logs.shape
    right = np.eye(k)[gold]

    def target(x: np.ndarray) -> tuple[float, np.ndarray]:
        w, c = x[:m], x[m:]
        total = np.tensordot(w, logs, 1) + c
        top = total.max(1, keepdims=True)
        chance = np.exp(total - top)
        whole = chance.sum(1, keepdims=True)
        off = right - chance / whole
        value = float(((total - top - np.log(whole)) * right).sum())
        value -= float(((w - weights) ** 2).sum()) / (2 * _WEIGHTS**2) + float((c**2).sum()) / (2 * _SHARES**2)
        slope = np.concatenate([(logs * off).sum((1, 2)) - (w - weights) / _WEIGHTS**2, off.sum(0) - c / _SHARES**2])
        if not shifts:
            slope[m:] = 0.0
        return value, slope

    found = climb(target, np.concatenate([weights, np.zeros(k)]), 60, gain=1e-6).at
    return found[:m], found[m:]
