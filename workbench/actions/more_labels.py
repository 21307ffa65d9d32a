r"""What more labels on the items that are in doubt would put right.

Labels of an item are taken to be drawn from one of two kinds of item, clear and hard, each with its own chances of each
label given the true direction; chances and kinds are fitted to the counts of labels by EM, with the true direction held
to what the default method says of it. For an item with probability $q_t$ of direction t and votes N, k more votes v
come with probability $L_t(v) = \sum_h P(h | t, N) \prod_l C_h(t, l)^{v_l}$, so that the label after them is right with
$\sum_v \max_t q_t L_t(v)$ and is right now with $\max_t q_t$. The difference, over all items asked about, is the
prediction, of which `COMES` is counted on; its variance is that of the items and of doubt about the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from workbench.actions.alpha_change import directed
from workbench.aggregation.contract import Aggregation
from workbench.dataset.annotation_set import AnnotationSet
from workbench.statistics.proportions import normal_quantile

IN_DOUBT = 0.8
"""Items whose direction is less sure than this are in doubt."""

COMES = 0.75
"""Share of the gain by the fitted chances that comes: the posterior of the labels that there are is too sure of them.
Chosen on 48 sets of the kinds of `benchmarks/next_actions.py`, of other seeds than those it reports."""

OFF = 0.5
"""How far the sum over all items may be off, relative to it: doubt about the model, chosen on the same sets."""

_ROUNDS, _SMOOTH = 60, 2.0
_WHOLE = 2.0**53
"""Below which a float holds every whole number."""


@dataclass(frozen=True)
class MoreLabels:
    """What k more labels on each item in doubt would do.

    Attributes
    ----------
    items : positions of the items in doubt.
    each : labels asked for on each of them.
    right : of these items, the number expected to have the right direction now.
    change, low, high : how many more would, with its 95% interval.
    """

    items: np.ndarray
    each: int
    right: float
    change: float
    low: float
    high: float


def more_labels(data: AnnotationSet, labelled: Aggregation, *, each: int = 2, below: float = IN_DOUBT) -> MoreLabels:
    """How many labels would be right if each item in doubt got some more judgements by the same crew?

    Parameters
    ----------
    labelled : labels by the method that stays in use.
    each : judgements asked for on each item in doubt.
    below : an item is in doubt where its direction has a lower probability.

    Examples
    --------
    >>> from workbench.aggregation import aggregate
    >>> from workbench.simulation.simulate import simulate
    >>> data = simulate(900, annotators=10, seed=1).data
    >>> found = more_labels(data, aggregate(data))
    >>> len(found.items) > 0 and 0 <= found.change <= len(found.items)
    True
    """
    codes, scale = directed(data)
    k = len(scale)
    q = np.nan_to_num(labelled.direction_posterior, nan=0.0)
    judged = q.sum(1) > 0
    counts = np.bincount(codes.item.astype(np.int64) * k + codes.label, minlength=codes.n_items * k)
    counts = counts.reshape(codes.n_items, k).astype(float)
    items = np.flatnonzero(judged & (q.max(1, initial=0.0) < below))
    if len(items) == 0 or k < 2 or q.shape[1] != k:
        return MoreLabels(items, each, 0.0, 0.0, 0.0, 0.0)
    chances, hard = _fitted(*_pooled(counts[judged], q[judged]), data.scale.has_sides)
    kind = _kind(counts[items], chances, hard)
    drawn = [np.bincount(v, minlength=k) for v in combinations_with_replacement(range(k), each)]
    now = q[items]
    best = now.argmax(1)
    mean, square = np.zeros(len(items)), np.zeros(len(items))
    for votes in drawn:
        ways = math.factorial(each) / np.prod([math.factorial(int(n)) for n in votes])
        likely = ways * np.prod(chances ** votes[None, None, :], axis=2)
        joint = now * np.einsum("iht,ht->it", kind, likely)
        after = joint.argmax(1)
        moved = after != best
        gain = np.take_along_axis(joint, after[:, None], 1)[:, 0]
        loss = np.take_along_axis(joint, best[:, None], 1)[:, 0]
        mean += np.where(moved, gain - loss, 0.0)
        square += np.where(moved, gain + loss, 0.0)
    total = COMES * float(mean.sum())
    variance = float((square - mean**2).sum())
    reach = normal_quantile() * math.sqrt(variance + (OFF * total) ** 2)
    return MoreLabels(items, each, float(now.max(1).sum()), total, total - reach, total + reach)


def _pooled(counts: np.ndarray, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct counts, and the sum of the probabilities of the items that have them: all that the fit depends on.

    >>> patterns, weight = _pooled(np.array([[1.0, 2], [3, 0], [1, 2]]), np.array([[0.5, 0.5], [1, 0], [0.2, 0.8]]))
    >>> patterns.tolist(), weight.round(1).tolist()
    ([[3.0, 0.0], [1.0, 2.0]], [[1.0, 0.0], [0.7, 1.3]])
    """
    base, k = counts.max(initial=0.0) + 1, counts.shape[1]
    whole = counts @ base ** np.arange(k) if base**k < _WHOLE else counts
    _, first, place = np.unique(whole, axis=0, return_index=True, return_inverse=True)
    weight = np.stack([np.bincount(place.ravel(), each, len(first)) for each in q.T], axis=1)
    return counts[first], weight


def _fitted(counts: np.ndarray, q: np.ndarray, sided: bool) -> tuple[np.ndarray, np.ndarray]:
    """Chances of each label (kind, truth, label), and of each kind given the truth (kind, truth), by EM."""
    k = counts.shape[1]
    clear = q.T @ counts + _SMOOTH
    clear = _row(_mirrored(clear, sided))
    common = q.sum(1) @ counts
    common /= common.sum()
    chances = np.stack([clear, _row(0.4 * clear + 0.6 * common[None, :])])
    hard = np.full((2, k), 0.5)
    for _ in range(_ROUNDS):
        joint = _kind(counts, chances, hard) * q[:, None, :]
        sums = np.einsum("iht,il->htl", joint, counts) + _SMOOTH * chances
        chances = np.stack([_row(_mirrored(each, sided)) for each in sums])
        weight = joint.sum(0) + _SMOOTH
        hard = weight / weight.sum(0)
    return chances, hard


def _kind(counts: np.ndarray, chances: np.ndarray, hard: np.ndarray) -> np.ndarray:
    """Chance of each kind of item given its votes and the truth: (n, kind, truth)."""
    log = np.einsum("il,htl->iht", counts, np.log(chances)) + np.log(hard)[None]
    p = np.exp(log - log.max(1, keepdims=True))
    return np.asarray(p / p.sum(1, keepdims=True))


def _mirrored(table: np.ndarray, sided: bool) -> np.ndarray:
    """Where labels have sides, A given A is as common as B given B."""
    return (table + table[::-1, ::-1]) / 2 if sided else table


def _row(table: np.ndarray) -> np.ndarray:
    return np.asarray(table / table.sum(1, keepdims=True))
