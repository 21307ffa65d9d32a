"""Which items stand and fall together: those of one group, of one prompt, and whatever these two tie to each other."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pandas as pd


def joined(*links: np.ndarray) -> np.ndarray:
    """Clusters of things that any of several groupings ties together, numbered from 0: int64 (n,).

    Parameters
    ----------
    links : int (n,) each: the group of each thing, -1 = in none. Things in one group of any of them are in one
        cluster, and so are things that only a third one ties to both.

    Examples
    --------
    The first two share a group, the last two a prompt, and the middle one both:

    >>> joined(np.array([0, 0, 1, 2]), np.array([5, 6, 6, 7])).tolist()
    [0, 0, 0, 1]
    """
    return _numbered(reduce(_both, links))


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    # Usual: each prompt belongs to one group, or each group to one prompt. The coarser of the two then says it all.
    if _refines(one, other):
        return other
    if _refines(other, one):
        return one
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, offset, rows, columns = len(one), len(one), [], []
    for codes in (one, other):
        known = np.flatnonzero(codes >= 0)
        rows.append(known)
        columns.append(codes[known] + offset)
        offset += int(codes.max(initial=-1)) + 1
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_array((np.ones(len(row), np.int8), (row, column)), shape=(offset, offset))
    return np.asarray(connected_components(graph, directed=False)[1][:n])


def _refines(fine: np.ndarray, coarse: np.ndarray) -> bool:
    """Whether things of one fine group are all of one coarse group, and everything is in one."""
    if (fine < 0).any() or (coarse < 0).any():
        return False
    of_fine = np.full(int(fine.max(initial=-1)) + 1, -1, np.int64)
    of_fine[fine] = coarse
    return bool((of_fine[fine] == coarse).all())


def _numbered(codes: np.ndarray) -> np.ndarray:
    """The same clusters, numbered without gaps in the order of their first thing; what is in none is one of its own."""
    numbers = pd.factorize(np.where(codes < 0, -1, codes))[0].astype(np.int64)
    alone = codes < 0
    numbers[alone] = numbers.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return pd.factorize(numbers)[0].astype(np.int64)
