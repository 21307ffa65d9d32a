"""What a coefficient would have been without an item, without a group, without an annotator, and over resampled items.

All of it is arithmetic on the sums over patterns, so the cost does not grow with the number of items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.agreement.coefficients import Coefficient
from workbench.agreement.tally import Tally
from workbench.errors import WorkbenchError

_TABLE_LIMIT = 1 << 28
_EXACT = 20_000
"""Groups up to which each is left out exactly; beyond, to first order."""
_PATTERNS = 1 << 10
"""Patterns up to which pairs of them are counted."""


@dataclass(frozen=True, eq=False)
class Sums:
    """A coefficient's statistic on the patterns of a tally, and its sum over the items.

    Attributes
    ----------
    table : float (P, d): statistic of an item of each pattern; zero for patterns the coefficient does not look at.
    used : bool (P,): patterns of at least one item whose statistic is not zero.
    total : float (d,): the sum over items.
    """

    tally: Tally
    coefficient: Coefficient
    table: np.ndarray
    used: np.ndarray
    total: np.ndarray

    @cached_property
    def value(self) -> float:
        """The coefficient; NaN where undefined."""
        return float(self.coefficient.value(self.total))

    @property
    def n(self) -> int:
        """Items that enter the sums."""
        return int(self.tally.frequency[self.used].sum())

    def without_item(self) -> tuple[np.ndarray, np.ndarray]:
        """The coefficient without one item, or without one group where items come in groups.

        Returns
        -------
        values, frequency : float (U,), int (U,): the distinct values, and how many items or groups each stands for.
        """
        clusters = self.tally.clusters
        if clusters is None:
            frequency = self.tally.frequency[self.used]
            return self.coefficient.value(self.total - self.table[self.used]), frequency
        touched = clusters.patterns @ self.used.astype(float) > 0
        parts = (clusters.patterns @ self.table)[touched]
        return self.coefficient.value(self.total - parts), clusters.frequency[touched]

    def variance_over_many_groups(self) -> tuple[float, int] | None:
        """Jackknife variance over groups and their number, to first order, where there are very many; else None.

        So many groups each weigh so little that the second order of what one changes is lost behind the first. To first
        order a group changes the value by the sum of $s_p$ over its items, $s = $ statistic x gradient, so that the sum
        of squares is $s^T M s$ with M the pairs of items of the same group by pattern. As the value does not change
        when all sums are doubled, the mean change is zero.
        """
        tally = self.tally
        if tally.n_shared_groups <= _EXACT or len(self.table) > _PATTERNS:
            return None
        together, n = tally.together
        change = self.table @ self._gradient
        return float((n - 1) / n * (change @ together @ change)), n

    @cached_property
    def _gradient(self) -> np.ndarray:
        """Derivative of the coefficient by each sum, (d,), by central differences."""
        step = 1e-6 * np.maximum(np.abs(self.total), np.abs(self.total).max())
        apart = np.diag(step)
        return (self.coefficient.value(self.total + apart) - self.coefficient.value(self.total - apart)) / (2 * step)

    def without_annotator(self) -> np.ndarray:
        """The coefficient without each annotator of `tally.cells.annotators`, (A,).

        An annotator labels an item once at most, so taking its label c off an item of pattern p changes the sum by
        `table(p - e_c) - table(p)`: a count of annotator x pattern x label times a small table gives all annotators.
        """
        cells = self.tally.cells
        return self.coefficient.value(self.total + cells.counts @ self._label_steps)

    def without_label(self) -> tuple[np.ndarray, np.ndarray]:
        """The coefficient without one label: distinct values (C,) and how many labels each stands for."""
        cells = self.tally.cells
        return self.coefficient.value(self.total + self._label_steps), np.asarray(cells.counts.sum(0)).ravel()

    @cached_property
    def _label_steps(self) -> np.ndarray:
        """Change of the sum when one label of each cell is taken away, (C, d)."""
        cells = self.tally.cells
        less = self.tally.counts[cells.pattern]
        less[np.arange(len(less)), cells.label] -= 1
        steps = _statistic(self.tally, self.coefficient, less) - self.table[cells.pattern]
        return np.where(self.used[cells.pattern][:, None], steps, 0.0)

    def bootstrap(self, replicates: int, rng: np.random.Generator) -> np.ndarray:
        """The coefficient on resampled items (or groups), (replicates,); NaN where a replicate leaves it undefined.

        Drawing n items with replacement is one multinomial draw over patterns with their frequencies: the item
        bootstrap exactly, at a cost that does not depend on n.
        """
        clusters = self.tally.clusters
        if clusters is None:
            weight, table = self.tally.frequency[self.used], self.table[self.used]
        else:
            touched = clusters.patterns @ self.used.astype(float) > 0
            weight, table = clusters.frequency[touched], (clusters.patterns @ self.table)[touched]
        n = int(weight.sum())
        if n == 0:
            return np.full(replicates, np.nan)
        values = [
            self.coefficient.value(rng.multinomial(n, weight / n, size) @ table)
            for size in _batches(replicates, len(table))
        ]
        return np.concatenate(values)


def sums(tally: Tally, coefficient: Coefficient) -> Sums:
    """The statistic of each pattern, and its sum over the items."""
    k, p = len(tally.scale), len(tally.frequency)
    if p * k * k > _TABLE_LIMIT:
        raise WorkbenchError(
            f"{k:,} labels on {p:,} different items are too many for {coefficient.name}.",
            "Group the labels, or use the interval level.",
        )
    included = coefficient.includes(tally)
    table = np.where(included[:, None], _statistic(tally, coefficient, tally.counts), 0.0)
    return Sums(tally, coefficient, table, (table != 0).any(1) & (tally.frequency > 0), tally.frequency @ table)


def _statistic(tally: Tally, coefficient: Coefficient, counts: np.ndarray) -> np.ndarray:
    """Statistic of items with these counts; where sides are exchangeable, its mean over both orientations."""
    plain = coefficient.statistic(counts)
    return (plain + coefficient.statistic(counts[:, ::-1])) / 2 if tally.symmetric else plain


def _batches(replicates: int, width: int) -> Iterator[int]:
    """Sizes of batches of replicates whose draws fit in memory."""
    size = max(1, min(replicates, (1 << 24) // max(width, 1)))
    for start in range(0, replicates, size):
        yield min(size, replicates - start)
