"""Cohen's kappa of every pair of annotators, from one pass over the items.

A pair of named annotators has a same-crew interval only: "new annotators" has no meaning for two people. The mean over
all pairs has both (`workbench.agreement.mean_kappa`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse, special

from workbench.agreement.choice import Choice
from workbench.agreement.coefficients import weight_matrix
from workbench.agreement.tally import Tally, tally
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError

KAPPAS = ("kappa", "linear", "quadratic")
"""Cohen's kappa without weights, and with linear and quadratic ones."""

_WEIGHTS = {"kappa": "identity", "linear": "linear", "quadratic": "quadratic"}
MOST_PAIRS = 200_000
"""Pairs that are computed where there are too many annotators for all."""

_DENSE = 1 << 25


@dataclass(frozen=True, eq=False, kw_only=True)
class CohenPairs:
    """Cohen's kappas of the annotator pairs with a common item, most common items first.

    Attributes
    ----------
    first, second : int64 (Q,): positions of the annotators in the data.
    names : ids of all annotators.
    table : int64 (Q, K, K): items by the label of the first (rows) and of the second annotator (columns).
    items : int64 (Q,): common items.
    kappa, linear, quadratic, percent : float (Q,), NaN where undefined.
    labels : the labels in order.
    disagreements : for `kappa`, `linear` and `quadratic`, how far apart two labels count, (K, K).
    there_are : pairs with a common item, those not computed included (`MOST_PAIRS`).
    """

    first: np.ndarray
    second: np.ndarray
    names: np.ndarray
    table: np.ndarray
    items: np.ndarray
    kappa: np.ndarray
    linear: np.ndarray
    quadratic: np.ndarray
    percent: np.ndarray
    labels: tuple[str, ...]
    disagreements: Mapping[str, np.ndarray]
    there_are: int
    interval_note: str = (
        "Same crew: jackknife over the common items. A pair of named annotators has no new-crew interval."
    )

    def __len__(self) -> int:
        return len(self.first)

    def reason(self, pair: int) -> str | None:
        """Why the kappa of this pair is undefined; None where it is defined."""
        if math.isfinite(self.kappa[pair]):
            return None
        label = self.labels[int(np.argmax(self.table[pair].sum(1)))]
        return f"both gave {label!r} to all {self.items[pair]:,} common items"

    def interval(
        self, kind: str = "kappa", rows: slice = slice(None), confidence: float = 0.95
    ) -> tuple[np.ndarray, np.ndarray]:
        """Same-crew interval of some pairs: jackknife over the common items and two more, spread evenly over the
        table, on Fisher's z with t(n - 1); NaN where there is none.

        Parameters
        ----------
        kind : `kappa`, `linear` or `quadratic`.
        rows : which pairs.
        """
        return _intervals(self.table[rows], self.disagreements[kind], getattr(self, kind)[rows], confidence)

    def to_frame(self, n: int | None = None, *, confidence: float = 0.95) -> pd.DataFrame:
        """One row a pair, most common items first.

        Parameters
        ----------
        n : how many pairs; None = all.
        confidence : nominal coverage of the intervals.

        Returns
        -------
        `annotator_1`, `annotator_2`, `items`, `kappa`, `linear`, `quadratic`, `percent`, `kappa_low`, `kappa_high`
        (same crew) and `reason` where kappa is undefined.
        """
        part = slice(0, n)
        low, high = self.interval("kappa", part, confidence)
        return pd.DataFrame(
            {
                "annotator_1": self.names[self.first[part]],
                "annotator_2": self.names[self.second[part]],
                "items": self.items[part],
                "kappa": self.kappa[part],
                "linear": self.linear[part],
                "quadratic": self.quadratic[part],
                "percent": self.percent[part],
                "kappa_low": low,
                "kappa_high": high,
                "reason": pd.array([self.reason(i) for i in range(len(self.first[part]))], dtype="object"),
            }
        )

    @cached_property
    def _position(self) -> dict[tuple[int, int], int]:
        return {(int(a), int(b)): i for i, (a, b) in enumerate(zip(self.first, self.second, strict=True))}

    def pair(self, annotator_1: str, annotator_2: str) -> int:
        """Row of a pair by the ids of its annotators, in either order.

        Raises
        ------
        WorkbenchError
            The two have no common item.
        """
        named = {str(name): i for i, name in enumerate(self.names)}
        a, b = named.get(annotator_1, -1), named.get(annotator_2, -1)
        row = self._position.get((min(a, b), max(a, b)))
        if row is None:
            raise WorkbenchError(
                f"{annotator_1!r} and {annotator_2!r} have no common item.", "Choose a pair from the list."
            )
        return row


def cohen_kappas(data: AnnotationSet | Tally, choice: Choice | None = None) -> CohenPairs:
    r"""Cohen's kappa, plain and weighted, of each pair of annotators with a common item.

    $\kappa_w = 1 - \sum v_{ij} n_{ij} n / \sum v_{ij} n_{i\cdot} n_{\cdot j}$ with $v_{ij} = [i \ne j]$, $|x_i - x_j|$
    or $(x_i - x_j)^2$, where $x$ is a label's position, or its number where all labels are numbers. Undefined where
    both give one and the same label to all common items.

    References
    ----------
    Cohen, J. (1968). Psychological Bulletin 70(4), 213-220.

    Examples
    --------
    >>> from workbench.agreement.tally import tally_of
    >>> t = tally_of(
    ...     item=[0, 0, 1, 1, 2, 2, 3, 3], annotator=[0, 1] * 4, label=[0, 0, 1, 1, 1, 1, 0, 1], labels=("A", "B")
    ... )
    >>> cohen_kappas(t).to_frame()[["items", "kappa", "percent"]].values.tolist()
    [[4.0, 0.5, 0.75]]
    """
    t = tally(data, choice)
    return kappas_of(t, *tables(t))


def kappas_of(t: Tally, first: np.ndarray, second: np.ndarray, table: np.ndarray, there_are: int) -> CohenPairs:
    """The kappas of pairs whose tables were counted before, as `tables` does; of the tally only the labels and the
    names are looked at.
    """
    names = np.asarray(t.judgements.names, object)
    items = table.sum((1, 2))
    order = np.lexsort((second, first, -items))
    first, second, table, items = first[order], second[order], table[order], items[order]
    apart = {kind: disagreement(kind, t) for kind in KAPPAS}
    kappa, linear, quadratic = (kappa_of(table, apart[kind]) for kind in KAPPAS)
    percent = np.trace(table, axis1=1, axis2=2) / np.maximum(items, 1)
    return CohenPairs(
        first=first,
        second=second,
        names=names,
        table=table,
        items=items,
        kappa=kappa,
        linear=linear,
        quadratic=quadratic,
        percent=percent,
        labels=t.scale.labels,
        disagreements=apart,
        there_are=there_are,
    )


def kappa_of(table: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Weighted kappa of tables (..., K, K) for disagreements v (K, K); NaN where undefined."""
    n = table.sum((-2, -1))
    row, column = table.sum(-1), table.sum(-2)
    return _kappa((table * v).sum((-2, -1)), ((row @ v) * column).sum(-1), n)


def disagreement(kind: str, t: Tally) -> np.ndarray:
    """How far apart two labels count, (K, K): 0 on the diagonal, 1 at most."""
    return 1 - weight_matrix(_WEIGHTS[kind], t.values)


def tables(t: Tally) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Annotator pairs with a common item, in order, and their K x K tables: int64 (Q,), (Q,), (Q, K, K); and how many
    pairs there are.

    Where there are too many annotators for a table of all pairs, the `MOST_PAIRS` with the most common items are kept.
    """
    from workbench.agreement.kernels import count_pairs

    k, people = len(t.scale), len(t.judgements.names)
    if people * people * k * k <= _DENSE:
        behind = t.judgements
        dense = count_pairs(t.items, behind.starts, behind.annotator, behind.label, behind.kept, people, k)
        pair = np.flatnonzero(dense.any(1))
        return pair // max(people, 1), pair % max(people, 1), dense[pair].reshape(len(pair), k, k), len(pair)
    first, second, items = pair_counts(t)
    pair = listed_pairs(first, second, items, people, k)
    return pair // people, pair % people, tables_of(t, pair), len(items)


def listed_pairs(first: np.ndarray, second: np.ndarray, items: np.ndarray, people: int, k: int) -> np.ndarray:
    """Sorted numbers (first * people + second) of the pairs that are computed: all where a table of them has room, else
    those with the most common items.
    """
    number = first.astype(np.int64) * people + second
    if people * people * k * k <= _DENSE:
        return np.sort(number)
    return np.sort(number[np.lexsort((second, first, -items))[:MOST_PAIRS]])


def tables_of(t: Tally, pair: np.ndarray) -> np.ndarray:
    """Label by label tables of some pairs, by their sorted numbers: int64 (Q, K, K)."""
    from workbench.agreement.kernels import count_listed_pairs

    behind, k, people = t.judgements, len(t.scale), len(t.judgements.names)
    codes = (behind.starts, behind.annotator, behind.label, behind.kept)
    return count_listed_pairs(t.items, *codes, people, k, pair).reshape(len(pair), k, k)


def pair_counts(t: Tally) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of annotators with a common item, the smaller position first, and how many items they share."""
    behind = t.judgements
    inside = np.zeros(len(t.pattern), bool)
    inside[t.items] = True
    item = np.repeat(np.arange(len(t.pattern)), np.diff(behind.starts))
    used = np.flatnonzero(inside[item] & (behind.kept if len(behind.kept) else True))
    shape = (len(behind.names), len(t.pattern))
    gave = sparse.csr_matrix((np.ones(len(used), np.int32), (behind.annotator[used], item[used])), shape=shape)
    common = sparse.triu(gave @ gave.T, 1).tocoo()
    return common.row, common.col, common.data


def _kappa(observed: np.ndarray, expected: np.ndarray, n: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 1e-12, 1 - observed * n / expected, np.nan)


def without_one(table: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Kappa without one item of each cell, (Q, K, K); meaningless where the cell is empty."""
    n = table.sum((1, 2))[:, None, None]
    row, column = table.sum(2), table.sum(1)
    observed = (table * v).sum((1, 2))[:, None, None] - v
    expected = ((row @ v) * column).sum(1)[:, None, None] - (column @ v.T)[:, :, None] - (row @ v)[:, None, :] + v
    return _kappa(observed, expected, n - 1)


def _intervals(table: np.ndarray, v: np.ndarray, kappa: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Same-crew interval of each pair: jackknife over its items on Fisher's z with t(n - 1), two items more spread
    evenly over the table (half a one in each cell of a 2 x 2 table, as Agresti and Min do for differences).

    Without them, 20 items of a skewed table have an interval that holds the truth 77 to 92 times in a hundred, as the
    few items that carry the rarer label are all there is to see of it; with them 93 or more (`benchmarks/COVERAGE.md`).
    """
    cells = table.shape[-1] ** 2
    padded = table + 2.0 / cells
    n = padded.sum((1, 2))
    around = kappa_of(padded, v)
    without = without_one(padded, v)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (padded * without).sum((1, 2)) / n
        variance = (n - 1) / n * (padded * (without - mean[:, None, None]) ** 2).sum((1, 2))
        sizes, row = np.unique(n, return_inverse=True)
        reach = (
            special.stdtrit(np.maximum(sizes - 3, 1), (1 + confidence) / 2)[row] * np.sqrt(variance) / (1 - around**2)
        )
        known = np.isfinite(kappa) & np.isfinite(reach) & (variance > 1e-24) & (n > 4) & (kappa < 1 - 1e-12)
        z = np.arctanh(np.where(known, around, 0.0))
    low, high = np.minimum(np.tanh(z - reach), kappa), np.maximum(np.tanh(z + reach), kappa)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
