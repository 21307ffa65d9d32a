"""How accurate is a label made of several votes? Exact sums under independent errors, for one accuracy or a whole array
of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb

import numpy as np

from workbench.economics.units import Value


def majority_accuracy(accuracy: Value, labels: Value) -> Value:
    r"""Chance that the majority of m independent votes names the better response, ties shared.

    $P = \sum_{k > m/2} \binom{m}{k} p^k (1 - p)^{m - k} + \tfrac12 [m\ \text{even}] \binom{m}{m/2} (p (1 - p))^{m/2}$.
    Between whole numbers of labels it is the mixture: 1.3 labels are two on 30% of the items (and a second vote with
    shared ties adds nothing).

    Parameters
    ----------
    accuracy : p of one vote, a float or an array.
    labels : votes per item, at least 1; same shape as `accuracy` or a float.

    >>> [round(float(majority_accuracy(0.73, m)), 3) for m in (1, 2, 3, 5, 7, 9)]
    [0.73, 0.73, 0.821, 0.874, 0.909, 0.934]
    """
    return _mixed(lambda p, m: _by_class(p, m)[1], accuracy, labels)


def adjudicated_accuracy(accuracy: Value, labels: Value, share: Value, expert: Value, split: Value = 0.0) -> Value:
    """The same where an expert decides a share of the items, the closest votes first, and where some pairs have no
    better side.

    Items are taken by the margin of their votes, smallest first, and the expert's label replaces the majority's. With
    one vote an item there is no margin, and they are drawn at random. On a pair people are split over for good every
    vote is a coin flip, the expert's too, and no number of votes helps.

    Parameters
    ----------
    accuracy : of one vote over all items, split ones included.
    share : share of items the expert decides.
    expert : accuracy of the expert on the other items, whatever the margin.
    split : share of items people are split over.

    >>> round(float(adjudicated_accuracy(0.73, 3, 0.2, 1.0)), 3)
    0.875
    >>> [round(float(adjudicated_accuracy(0.80, m, 0.0, 1.0, split=0.2)), 3) for m in (1, 3, 9)]
    [0.8, 0.866, 0.898]
    """
    share, expert, split = np.asarray(share, float), np.asarray(expert, float), np.asarray(split, float)

    def of(p: np.ndarray, m: int) -> np.ndarray:
        clear, plain = _by_class(np.asarray(clear_accuracy(p, split)), m)
        flips, _ = _by_class(np.asarray(0.5), m)
        total = (1 - split) * plain + split / 2
        gained, left = np.zeros(np.broadcast_shapes(total.shape, share.shape, expert.shape)), share
        for (weight, right), (flipped, _) in zip(clear, flips, strict=True):
            here = (1 - split) * weight + split * flipped
            gain = (1 - split) * weight * (expert - right)  # on split pairs the expert flips a coin as well
            taken = np.minimum(left, here)
            gained = gained + gain * np.divide(
                taken, here, out=np.zeros(np.broadcast_shapes(taken.shape, here.shape)), where=here > 0
            )
            left = left - taken
        return total + gained

    return _mixed(of, accuracy, labels)


def clear_accuracy(accuracy: Value, split: Value) -> Value:
    """Accuracy on the pairs that have a better side, from that over all pairs: (p - u / 2) / (1 - u), at most 1.

    >>> round(float(clear_accuracy(0.8, 0.2)), 3)
    0.875
    """
    return np.clip((np.asarray(accuracy) - np.asarray(split) / 2) / (1 - np.asarray(split)), 0.5, 1.0)


def weighted_accuracy(accuracy: Value, labels: Value, spread: Value) -> Value:
    r"""Chance that votes weighted by the log-odds of each annotator's accuracy name the better response.

    Half of the annotators have accuracy p + s, half p - s, and which is which is known without error: the most that
    weighting can gain. Where p + s or p - s would leave .5 to .999, s is taken smaller, so that the mean stays p.

    Parameters
    ----------
    spread : s, standard deviation of accuracy between annotators.

    >>> round(float(weighted_accuracy(0.73, 3, 0.0)), 3), round(float(weighted_accuracy(0.73, 3, 0.15)), 3)
    (0.821, 0.864)
    """
    spread = np.asarray(spread, float)

    def of(p: np.ndarray, m: int) -> np.ndarray:
        apart = np.clip(np.minimum(spread, np.minimum(p - 0.5, 0.999 - p)), 0.0, None)
        good, bad = np.minimum(p + apart, 1 - 1e-9), p - apart
        w_good, w_bad = np.log(good / (1 - good)), np.log(bad / (1 - bad))
        total = np.zeros(np.broadcast_shapes(good.shape))
        for among, x, y, ways in _draws(m):
            chance = ways * good**x * (1 - good) ** (among - x) * bad**y * (1 - bad) ** (m - among - y)
            score = (2 * x - among) * w_good + (2 * y - m + among) * w_bad
            total = total + chance * np.where(np.abs(score) < 1e-9, 0.5, score > 0)
        return total

    return _mixed(of, accuracy, labels)


def panel_size(judges: Value, correlation: Value) -> Value:
    r"""How many independent judges k correlated ones are worth: $k / (1 + (k - 1) \rho)$, the design effect of Kish
    (1965).

    >>> round(float(panel_size(9, 0.4375)), 6)
    2.0
    """
    k = np.asarray(judges, float)
    return k / (1 + (np.maximum(k, 1) - 1) * correlation)


def accuracy_from_agreement(agreement: float) -> float | None:
    """The accuracy two annotators need to agree so often: (1 + sqrt(2a - 1)) / 2; None below one half, where no
    accuracy does.

    >>> round(accuracy_from_agreement(0.726), 3)
    0.836
    """
    return (1 + (2 * agreement - 1) ** 0.5) / 2 if agreement >= 0.5 else None


def _by_class(p: np.ndarray, m: int) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """Items by the margin of their votes, smallest first: share of items, and accuracy of the majority; and the
    accuracy over all.
    """
    classes, plain = [], np.zeros(p.shape)
    for k in range((m + 1) // 2, m + 1):
        ways = comb(m, k)
        for_right, for_wrong = ways * p**k * (1 - p) ** (m - k), ways * (1 - p) ** k * p ** (m - k)
        if 2 * k == m:
            classes.append((for_right, np.full(p.shape, 0.5)))
            plain = plain + 0.5 * for_right
        else:
            both = for_right + for_wrong
            classes.append((both, np.divide(for_right, both, out=np.full(p.shape, 0.5), where=both > 0)))
            plain = plain + for_right
    return classes, plain


@lru_cache(maxsize=32)
def _draws(m: int) -> tuple[tuple[int, int, int, float], ...]:
    """Votes of the better half, right ones among them, right ones among the others, and in how many ways, over 2^m."""
    return tuple(
        (among, x, y, comb(m, among) * comb(among, x) * comb(m - among, y) / 2**m)
        for among in range(m + 1)
        for x in range(among + 1)
        for y in range(m - among + 1)
    )


def _mixed(of: Callable[[np.ndarray, int], np.ndarray], accuracy: Value, labels: Value) -> Value:
    """A function of whole numbers of labels, mixed between them."""
    p, m = np.asarray(accuracy, float), np.maximum(np.asarray(labels, float), 1.0)
    low = np.floor(m + 1e-9)
    part = np.clip(m - low, 0.0, 1.0)
    values = {
        int(k): of(p, int(k))
        for k in np.unique(np.concatenate([low.ravel(), np.where(part > 1e-9, low + 1, low).ravel()]))
    }
    if len(values) == 1:
        return next(iter(values.values())) + np.zeros(m.shape)
    total = np.zeros(np.broadcast_shapes(m.shape, *(v.shape for v in values.values())))
    for k, value in values.items():
        total = total + value * ((low == k) * (1 - part) + (low + 1 == k) * part)
    return total
