"""Which label a posterior names: the rule, and the loop that gives each item its label; `contract.choose` says why."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def leading_label(n_labels, t, total, direction, strength, tolerance, by_direction):  # type: ignore[no-untyped-def]
    """The label of one item: the most probable strength of the most probable direction, the milder of equal ones.

    Parameters
    ----------
    n_labels : K, a constant of the caller where it can be, so that the loops are unrolled.
    t : float64 (K,): chances up to a factor. total : their sum.
    direction, strength : int64 (K,) and float64 (K,): of each label.
    tolerance : shares closer than this are equal.
    by_direction : float64 (K,), written: chance of each direction, up to the factor.

    Returns
    -------
    The label, -1 where several directions lead; the direction; how many directions lead; how many strengths do.
    """
    for k in range(n_labels):
        by_direction[k] = 0.0
    for k in range(n_labels):
        by_direction[direction[k]] += t[k]
    # Sums of comparisons instead of branches: which label leads is anybody's guess, to the processor too.
    best = 0.0
    for d in range(n_labels):
        best = max(best, by_direction[d])
    least = best - tolerance * total
    rivals, side = 0, 0
    for d in range(n_labels):
        leads = by_direction[d] >= least
        rivals += leads
        side += leads * d
    chosen, alike = -1, 0
    if rivals == 1:
        most = 0.0
        for k in range(n_labels):
            most = max(most, t[k] * (direction[k] == side))
        chosen = 0
        for k in range(n_labels):
            leads = (direction[k] == side) & (t[k] >= most - tolerance * total)
            alike += leads
            chosen += leads * k
        if alike > 1:
            chosen = -1
            for k in range(n_labels):
                if (
                    direction[k] == side
                    and t[k] >= most - tolerance * total
                    and (chosen < 0 or strength[k] < strength[chosen])
                ):
                    chosen = k
    return chosen, side, rivals, alike


@njit(nogil=True, cache=True)
def choose_labels(
    size: tuple[int, ...], posterior: np.ndarray, table: np.ndarray, strength: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each item: label, direction, confidence, that of the direction, why undecided, whether strengths were tied.

    Parameters
    ----------
    size : of length K, or empty; see `kernels.as_type`.
    posterior : float64 (n_items, K).
    table : int64 (K,): direction of each label.
    strength : float64 (K,): how strong each label is: the mildest of equally probable ones of a direction is given.
    tolerance : probabilities closer than this are equal.
    """
    n, k = len(posterior), len(size) if len(size) > 0 else posterior.shape[1]
    label, direction = np.empty(n, np.int8), np.empty(n, np.int8)
    confidence, sure = np.empty(n), np.empty(n)
    undecided, tied = np.empty(n, np.int8), np.empty(n, np.bool_)
    by_direction = np.empty(k)
    for i in range(n):
        whole = 0.0
        for j in range(k):
            whole += posterior[i, j]
        chosen, side, alike = -1, -1, 0
        if not np.isnan(whole):
            chosen, side, _, alike = leading_label(k, posterior[i], 1.0, table, strength, tolerance, by_direction)
        if chosen < 0:
            label[i], direction[i], confidence[i], sure[i], tied[i] = -1, -1, np.nan, np.nan, False
            undecided[i] = 1 if np.isnan(whole) else 2
            continue
        label[i], direction[i], undecided[i] = chosen, side, 0
        confidence[i], sure[i], tied[i] = posterior[i, chosen], by_direction[side], alike > 1
    return label, direction, confidence, sure, undecided, tied
