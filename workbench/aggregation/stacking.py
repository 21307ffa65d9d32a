r"""Opinions of several methods put together, with weights that gold may correct without judging itself.

The pool of opinions is logarithmic: $\ln p_{il} = \tau \sum_m (w_m + \delta_m) \ln p_{mil} + c_l + \mathrm{const}$
(Genest & Zidek 1986, *Combining probability distributions*, Statistical Science 1). Where gold is known, how sure all
are ($\tau$), how common each label is (c) and how much each method counts ($\delta$) maximise its likelihood, drawn to
what was chosen without it; the gold items are cut into folds, and the labels of each fold come from the gold of the
others (stacking: Wolpert 1992). Corrections are held against each other on gold that they were not learned from: none,
$\tau$, $\tau$ with c, and all three; one with more freedom has to cost less and to have as many labels right. So gold
corrects how sure labels are and how common each is, and still judges them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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

MOST_GOLD = 3_000
"""Gold items that weights are learned from, drawn at random where there are more."""

_SURE, _WEIGHTS, _SHARES = 1.0, 0.4, 0.7
"""Standard deviations of ln tau, of the weights and of c around what they are without gold.

One number that says how sure all are is known from few gold items, and may be far off where items are contested.
"""

_LADDER = ((False, False), (True, False), (True, True))
"""What is corrected beside tau, with ever more freedom: how common labels are, and how much each method counts."""


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
    found = np.empty(opinions[0].shape)
    _pool(opinions, np.asarray(weights, float)[None], shifts, np.zeros(len(found), np.int8), found)
    return found


def _pool(
    opinions: list[np.ndarray], weights: np.ndarray, shifts: np.ndarray, which: np.ndarray, found: np.ndarray
) -> None:
    """Puts the pool of each item into `found`, by the row of weights (rows, M) and shifts (rows, K) that `which`
    (n_items,) names.
    """
    n, many = len(found), np.ascontiguousarray(weights)

    def work(low: int, high: int) -> tuple:
        found[low:high] = 0.0
        for m, opinion in enumerate(opinions):
            _add_logs(opinion, many[:, m].copy(), which, low, high, found)
        _to_chances(np.ascontiguousarray(shifts), which, low, high, found)
        return ()

    edges = np.linspace(0, n, 1 + min(8, 1 + n // 50_000)).astype(int).tolist()
    in_parts(list(pairwise(edges)), work)


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
        share = 1.0 / total
        for label in range(found.shape[1]):
            found[i, label] *= share


def stacked(
    opinions: list[np.ndarray],
    weights: np.ndarray,
    gold: np.ndarray,
    group: np.ndarray | None = None,
    *,
    seed: int = 0,
    into: np.ndarray | None = None,
    parts: Callable[[], Iterable[tuple[int, int]]] | None = None,
) -> Stacked:
    """The pool of opinions, corrected by gold where there is enough, each gold item by the gold of other folds.

    Parameters
    ----------
    opinions : posteriors of M methods, each (n_items, K).
    weights : float64 (M,): w without gold.
    gold : int (n_items,): code of the right label, -1 = unknown.
    group : int (n_items,): items of one number, such as those of a prompt, are in one fold.
    seed : of the folds.
    into : float64 (n_items, K): where the posterior is put; a new array by default.
    parts : ranges of items that are looked at together, in order; all at once by default.
    """
    n, k = opinions[0].shape
    posterior = np.empty((n, k)) if into is None else into
    ranges = parts or (lambda: [(0, n)])
    known = np.concatenate([_with_opinions(opinions, gold, *each) for each in ranges()])

    def pool(weights: np.ndarray, shifts: np.ndarray) -> np.ndarray:
        for low, high in ranges():
            _pool([o[low:high] for o in opinions], weights, shifts, which[low:high], posterior[low:high])
        return posterior

    which = np.zeros(len(gold), np.int8)
    best_w, best_c, used = np.asarray(weights, float)[None], np.zeros((1, k)), 0
    if len(known) < LEAST_GOLD or (gold[known] == gold[known[0]]).all():
        return Stacked(pool(best_w, best_c), weights, np.zeros(k), 0)
    fold = _folds(len(known), None if group is None else group[known], seed)
    drawn = np.random.default_rng([seed, 1]).choice(len(known), min(len(known), MOST_GOLD), replace=False)
    some = _rows_of(opinions, known[drawn], ranges())
    # Item, label, method: what is added up for an item lies together.
    logs = np.log(np.maximum(np.stack(some, 2), LEAST_PROBABILITY))
    right, placed = gold[known[drawn]].astype(np.int64), (fold[drawn] + 1).astype(np.int8)
    tried = pooled(some, weights)
    best_right, best_cost = _on_gold(tried, right)
    for shares, methods in _LADDER:
        # Row 0 is learned from all gold, for items without; row f + 1 from the gold outside fold f, for those in it.
        rows = [
            _learned(logs[placed != row], right[placed != row], weights, shares=shares, methods=methods)
            for row in range(FOLDS + 1)
        ]
        w, c = np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows])
        _pool(some, w, c, placed, tried)
        got, cost = _on_gold(tried, right)
        if got >= best_right and cost < best_cost:
            best_w, best_c, used, best_right, best_cost = w, c, len(known), got, cost
    if used:
        which[known] = fold + 1
    return Stacked(pool(best_w, best_c), best_w[0], best_c[0], used)


def _rows_of(opinions: list[np.ndarray], wanted: np.ndarray, ranges: Iterable[tuple[int, int]]) -> list[np.ndarray]:
    """These rows of every opinion, in the order asked for, looked up range by range."""
    found = [np.empty((len(wanted), opinion.shape[1])) for opinion in opinions]
    for low, high in ranges:
        here = np.flatnonzero((wanted >= low) & (wanted < high))
        for opinion, rows in zip(opinions, found, strict=True):
            rows[here] = opinion[wanted[here]]
    return found


def _with_opinions(opinions: list[np.ndarray], gold: np.ndarray, low: int, high: int) -> np.ndarray:
    """Items of this range with gold of which every method has an opinion, by position."""
    known = low + np.flatnonzero(gold[low:high] != NULL)
    for opinion in opinions:
        known = known[~np.isnan(opinion[known, 0])]
    return known


def _folds(n: int, group: np.ndarray | None, seed: int) -> np.ndarray:
    """In which fold each gold item is, those of a group together where there are enough groups."""
    rng = np.random.default_rng(seed)
    if group is not None:
        # Numbers of groups that may have gaps: a table of one place for each, without sorting them.
        seen = np.zeros(int(group.max()) + 1, bool)
        seen[group] = True
        if seen.sum() >= FEW_CLUSTERS:
            place = np.zeros(len(seen), np.int8)
            place[seen] = rng.permutation(int(seen.sum())) % FOLDS
            return place[group]
    return (rng.permutation(n) % FOLDS).astype(np.int8)  # too few prompts to learn from some for others


def _on_gold(posterior: np.ndarray, gold: np.ndarray) -> tuple[int, float]:
    """How many labels are right, and what the posteriors cost in nats."""
    chance = posterior[np.arange(len(gold)), gold]
    return int((posterior.argmax(1) == gold).sum()), float(-np.log(np.maximum(chance, 1e-12)).sum())


def _learned(
    logs: np.ndarray, gold: np.ndarray, weights: np.ndarray, *, shares: bool, methods: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Weights and shifts that make gold likely, drawn to the weights given and to none."""
    m, k = logs.shape[2], logs.shape[1]
    free = np.concatenate([[True], np.full(m, methods), np.full(k, shares)])
    spread = np.concatenate([[_SURE], np.full(m, _WEIGHTS), np.full(k, _SHARES)])

    def target(x: np.ndarray) -> tuple[float, np.ndarray]:
        tau, own = np.exp(x[0]), weights + x[1 : 1 + m]
        toward_w, toward_c = np.zeros(m), np.zeros(k)
        value = _log_chance(logs, gold, tau * own, x[1 + m :], toward_w, toward_c)
        slope = np.concatenate([[tau * (toward_w @ own)], tau * toward_w, toward_c]) - x / spread**2
        return value - float(((x / spread) ** 2).sum()) / 2, np.where(free, slope, 0.0)

    found = climb(target, np.zeros(1 + m + k), 60, gain=1e-3).at
    # No method counts against what it says.
    return np.exp(found[0]) * np.maximum(weights + found[1 : 1 + m], 0.0), found[1 + m :]


@njit(nogil=True, cache=True)
def _log_chance(
    logs: np.ndarray,
    gold: np.ndarray,
    weights: np.ndarray,
    shift: np.ndarray,
    toward_w: np.ndarray,
    toward_c: np.ndarray,
) -> float:
    """Log-chance of the gold; its gradient is added to `toward_w` and `toward_c`."""
    n, k, m = logs.shape
    value, t = 0.0, np.empty(k)
    for i in range(n):
        top = -np.inf
        for label in range(k):
            t[label] = shift[label]
            for j in range(m):
                t[label] += weights[j] * logs[i, label, j]
            top = max(top, t[label])
        total, at = 0.0, t[gold[i]] - top
        for label in range(k):
            t[label] = np.exp(t[label] - top)
            total += t[label]
        value += at - np.log(total)
        for label in range(k):
            off = (1.0 if label == gold[i] else 0.0) - t[label] / total
            toward_c[label] += off
            for j in range(m):
                toward_w[j] += off * logs[i, label, j]
    return value
