"""Published data with published coefficients. Rows are items."""

from __future__ import annotations

import numpy as np

from workbench.agreement import Tally, tally_of


def from_counts(table: list[list[int]] | np.ndarray, labels: tuple[str, ...] | None = None) -> Tally:
    """The tally of an items x categories table of counts, with anonymous slots as annotators."""
    table = np.asarray(table)
    item, label = [], []
    for i, row in enumerate(table):
        for k, n in enumerate(row):
            item += [i] * n
            label += [k] * n
    slot = [j for row in table for j in range(row.sum())]
    return tally_of(item, slot, label, labels or tuple("abcdefghij"[: table.shape[1]]))


def from_matrix(rows: list[list[int | None]], labels: tuple[str, ...]) -> Tally:
    """The tally of a raters x items matrix of positions on the scale; None = missing."""
    item = [i for row in rows for i in range(len(row))]
    who = [r for r, row in enumerate(rows) for _ in row]
    label = [-1 if value is None else value for row in rows for value in row]
    return tally_of(item, who, label, labels, n_items=len(rows[0]))


def from_pairs(table: list[list[int]], labels: tuple[str, ...] | None = None) -> Tally:
    """The tally of two raters' K x K table."""
    item, who, label, n = [], [], [], 0
    for i, row in enumerate(table):
        for j, times in enumerate(row):
            for _ in range(times):
                item += [n, n]
                who += [0, 1]
                label += [i, j]
                n += 1
    return tally_of(item, who, label, labels or tuple("abcdefghij"[: len(table)]))


N = None

KRIPPENDORFF_2011 = from_matrix(
    [
        [0, 1, 2, 2, 1, 0, 3, 0, 1, N, N, N],
        [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, N, 2],
        [N, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, N],
        [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, N],
    ],
    ("1", "2", "3", "4", "5"),
)
"""Four observers, 12 units, categories 1 to 5; Krippendorff (2011), Computing Krippendorff's alpha-reliability, part C.
"""

WIKIPEDIA_ALPHA = from_matrix(
    [
        [N, N, N, N, N, 2, 3, 0, 1, 0, 0, 2, 2, N, 2],
        [0, N, 1, 0, 2, 2, 3, 2, N, N, N, N, N, N, N],
        [N, N, 1, 0, 2, 3, 3, N, 1, 0, 0, 2, 2, N, 3],
    ],
    ("1", "2", "3", "4"),
)
"""Three coders, 15 units; the example of Wikipedia's article on Krippendorff's alpha."""

FLEISS_1971 = from_counts(
    [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1],
        [3, 0, 0, 1, 2],
        [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0],
        [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6],
        [0, 1, 0, 5, 0],
        [0, 2, 0, 1, 3],
        [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0],
        [4, 0, 0, 0, 2],
        [0, 2, 0, 4, 0],
        [1, 0, 5, 0, 0],
        [0, 0, 0, 0, 6],
    ]
)
"""30 patients, six diagnoses each, five categories; Fleiss (1971), Psychological Bulletin 76, 378-382."""

WIKIPEDIA_FLEISS = from_counts(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
"""Ten subjects, 14 raters, five categories; the example of Wikipedia's article on Fleiss' kappa."""

GWET_RAW4RATERS = from_matrix(
    [
        [0, 1, 2, 2, 1, 0, 3, 0, 1, N, N, N],
        [0, 1, 2, 2, 1, 1, 3, 0, 1, 4, N, 2],
        [N, 2, 2, 2, 1, 2, 3, 1, 1, 4, 0, N],
        [0, 1, 2, 2, 1, 3, 3, 0, 1, 4, 0, N],
    ],
    ("1", "2", "3", "4", "5"),
)
"""Twelve units, four raters; Gwet's data set of this name, the same ratings as Krippendorff's."""

COHEN_SAS = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
"""Two raters, three categories; an example of the SAS documentation, also in the tests of statsmodels."""

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
"""Two abstractors, three kinds of pregnancy; Gwet, Handbook of Inter-Rater Reliability, as in irrCAC."""

PARADOX = [[118, 5], [2, 0]]
"""Two raters who agree on 94% of units, nearly all of one category (Gwet 2008)."""
