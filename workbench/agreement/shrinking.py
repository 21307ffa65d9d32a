"""Counts of labels when judgements go: kept up from what goes, instead of counted anew from all that stay.

Under a slider that sets judgements aside most items lose nothing. What an item that loses one changes is known from its
pattern and the label alone, so the tally of what is left is the old one and a few differences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from workbench.agreement.tally import Cells, Tally

_PATTERNS = 1 << 12
_CELLS = 1 << 20
"""Patterns, and annotators x cells, up to which this is worth its tables."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Shrinkable:
    """A tally, and every pattern its items can come to when they lose labels.

    Attributes
    ----------
    counts : int64 (P, K): the patterns in lexicographic order; each is one of the tally's, or one of these without some
        labels.
    frequency : int64 (P,): items of each as they are.
    pattern : int32 (n_items,), -1 = without a label.
    down : int32 (P, K): the pattern without one label of a category; -1 = nothing is left, or it has none.
    cell : int32 (P, K): number of a pattern and one of its labels among the C cells; -1 = it has none.
    of_pattern, of_label : int64 (C,): the two that make a cell.
    given : int32 (n_annotators, C): labels of each annotator in each cell.
    """

    tally: Tally
    counts: np.ndarray
    frequency: np.ndarray
    pattern: np.ndarray
    down: np.ndarray
    cell: np.ndarray
    of_pattern: np.ndarray
    of_label: np.ndarray
    given: np.ndarray

    def less(self, kept: np.ndarray, pattern: np.ndarray, frequency: np.ndarray, given: np.ndarray) -> Tally:
        """The tally of what is left.

        Parameters
        ----------
        kept : bool (n,): which judgements are left.
        pattern : int32 (n_items,): pattern of each item now.
        frequency, given : int64 (P,), int32 (n_annotators, C): how both have changed.
        """
        now = self.frequency + frequency
        here = np.flatnonzero(now[self.of_pattern])
        counts = sparse.csr_matrix((self.given + given)[:, here])
        active = np.flatnonzero(np.diff(counts.indptr))
        cells = Cells(active, self.of_pattern[here], self.of_label[here], counts[active])
        return self.tally.changed(self.counts, now, pattern, kept, cells)


def shrinkable(tally: Tally) -> Shrinkable | None:
    """Prepares a tally of all judgements for losing some; None where there would be too many patterns or annotators for
    the tables.

    >>> from workbench.agreement.tally import tally_of
    >>> found = shrinkable(tally_of(item=[0, 0, 1, 1], annotator=[0, 1, 0, 1], label=[0, 0, 0, 1], labels=("A", "B")))
    >>> found.counts.tolist(), found.down.tolist()
    ([[0, 1], [1, 0], [1, 1], [2, 0]], [[-1, -1], [-1, -1], [0, 1], [1, -1]])
    """
    counts = _reachable(tally.counts)
    if counts is None:
        return None
    of_pattern, of_label = np.nonzero(counts)
    if len(tally.judgements.names) * len(of_pattern) > _CELLS:
        return None
    place = {row.tobytes(): position for position, row in enumerate(counts)}
    cell = np.full(counts.shape, -1, np.int32)
    cell[of_pattern, of_label] = np.arange(len(of_pattern))
    less = counts[of_pattern]
    less[np.arange(len(less)), of_label] -= 1
    down = np.full(counts.shape, -1, np.int32)
    down[of_pattern, of_label] = [place.get(row.tobytes(), -1) for row in less]
    number = np.array([*(place[row.tobytes()] for row in tally.counts), -1], np.int32)
    known, given = tally.cells, np.zeros((len(tally.judgements.names), len(of_pattern)), np.int32)
    given[np.ix_(known.annotators, cell[number[known.pattern], known.label])] = known.counts.toarray()
    frequency = np.zeros(len(counts), np.int64)
    frequency[number[:-1]] = tally.frequency
    return Shrinkable(
        tally=tally,
        counts=counts,
        frequency=frequency,
        pattern=number[tally.pattern],
        down=down,
        cell=cell,
        of_pattern=of_pattern,
        of_label=of_label,
        given=given,
    )


def _reachable(counts: np.ndarray) -> np.ndarray | None:
    """These patterns and all that come of taking labels off, in lexicographic order; None where they are too many."""
    known = np.unique(counts[counts.sum(1) > 0].reshape(-1, counts.shape[1]), axis=0)
    for size in range(int(known.sum(1).max(initial=0)), 1, -1):
        row, label = np.nonzero(known * (known.sum(1) == size)[:, None])
        less = known[row]
        less[np.arange(len(less)), label] -= 1
        known = np.unique(np.concatenate([known, less]), axis=0)
        if len(known) > _PATTERNS:
            return None
    return known
