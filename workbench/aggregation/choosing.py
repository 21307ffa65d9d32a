"""The loop that gives each item its label; `contract.choose` says by what rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numba import njit


@cache
def chooser(
    table: tuple[int, ...], mildest_first: tuple[int, ...]
) -> Callable[[np.ndarray, float], tuple[np.ndarray, ...]]:
    """The loop for labels of these directions: with them known to the compiler its inner loops are unrolled.

    Parameters
    ----------
    table : direction of each label.
    mildest_first : all labels, the mildest first: of equally probable ones of a direction the mildest is given.

    Returns
    -------
    A function of posterior (float64 (n_items, K)) and tolerance. It gives label, direction, confidence, confidence of
    the direction, why undecided, and whether strengths were tied, of each item.
    """
    k, directions = len(table), max(table, default=0) + 1

    @njit(nogil=True, cache=True)
    def choose_labels(
        posterior: np.ndarray, tolerance: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        n = posterior.shape[0]
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

    return choose_labels
