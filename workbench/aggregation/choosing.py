"""The loop that gives each item its label; `contract.choose` says by what rule."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def choose_labels(
    size: tuple[int, ...], posterior: np.ndarray, table: np.ndarray, mildest_first: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each item: label, direction, confidence, that of the direction, why undecided, whether strengths were tied.

    Parameters
    ----------
    size : of length K, or empty; see `kernels.as_type`.
    posterior : float64 (n_items, K).
    table : int64 (K,): direction of each label.
    mildest_first : int64 (K,): labels, the mildest first: the first of equally probable ones of a direction is given.
    tolerance : probabilities closer than this are equal.
    """
    n, k = len(posterior), len(size) if len(size) > 0 else posterior.shape[1]
    directions = table.max() + 1
    label, direction = np.empty(n, np.int8), np.empty(n, np.int8)
    confidence, sure = np.empty(n), np.empty(n)
    undecided, tied = np.empty(n, np.int8), np.empty(n, np.bool_)
    of_direction = np.empty(directions)
    for i in range(n):
        of_direction[:] = 0.0
        for j in range(k):
            of_direction[table[j]] += posterior[i, j]
        best, high, whole = 0, of_direction[0], of_direction[0]
        for d in range(1, directions):
            whole += of_direction[d]
            if of_direction[d] > high:
                best, high = d, of_direction[d]
        rivals = 0
        for d in range(directions):
            if of_direction[d] >= high - tolerance:
                rivals += 1
        if rivals != 1 or np.isnan(whole):
            label[i], direction[i], confidence[i], sure[i], tied[i] = -1, -1, np.nan, np.nan, False
            undecided[i] = 1 if np.isnan(whole) else 2
            continue
        top = -1.0
        for j in range(k):
            if table[j] == best:
                top = max(top, posterior[i, j])
        chosen, equals = -1, 0
        for m in range(k):
            j = mildest_first[m]
            if table[j] == best and posterior[i, j] >= top - tolerance:
                equals += 1
                if chosen < 0:
                    chosen = j
        label[i], direction[i], undecided[i] = chosen, best, 0
        confidence[i], sure[i], tied[i] = posterior[i, chosen], high, equals > 1
    return label, direction, confidence, sure, undecided, tied
