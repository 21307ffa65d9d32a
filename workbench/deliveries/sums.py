"""The sums of some deliveries taken together, by group of items and by slice: what every figure is worked out from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.deliveries.delivery import Delivery
from workbench.deliveries.measures import MEASURES, columns, item_sums, values
from workbench.statistics.jackknife import GROUPS


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the items of one side of a comparison.

    Attributes
    ----------
    table : float (GROUPS, slices, columns).
    items : items with a judgement, float (GROUPS, slices).
    """

    table: np.ndarray
    items: np.ndarray

    @property
    def without(self) -> np.ndarray:
        """All figures without each group of items: float (GROUPS, measures)."""
        whole = self.table.sum(1)
        return values(whole.sum(0) - whole)

    @property
    def value(self) -> np.ndarray:
        """All figures: float (measures,)."""
        return values(self.table.sum((0, 1)))

    @property
    def total(self) -> np.ndarray:
        """All sums: float (columns,)."""
        return np.asarray(self.table.sum((0, 1)))

    def under_mix_of(self, other: Sums) -> tuple[np.ndarray, np.ndarray]:
        """All figures if its slices were as common as in the other: values, and those without each group.

        A slice that it has no item of cannot be weighed up; the others share its place.
        """
        return (
            _mixed(self.table.sum(0), self.items.sum(0), other.items.sum(0)),
            np.stack(
                [
                    _mixed(
                        self.table.sum(0) - self.table[g],
                        self.items.sum(0) - self.items[g],
                        other.items.sum(0) - other.items[g],
                    )
                    for g in range(GROUPS)
                ]
            ),
        )


def _mixed(table: np.ndarray, own: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    there = own > 0
    if not there.any() or theirs[there].sum() == 0:
        return np.full(len(MEASURES), np.nan)
    wanted = theirs * there / theirs[there].sum()
    weight = np.where(there, wanted * own.sum() / np.maximum(own, 1), 0.0)
    return values((weight[:, None] * table).sum(0))


def sums_of(
    deliveries: Sequence[Delivery],
    who: Sequence[np.ndarray] | None = None,
    slices: Sequence[np.ndarray] | None = None,
    n_slices: int = 1,
) -> Sums:
    """Sums of some deliveries.

    Parameters
    ----------
    who : for each delivery, whose judgements count; everybody's where None.
    slices : for each delivery, the slice of each item, numbered alike; one slice where None.
    n_slices : slices of both sides together; one side may lack some.
    """
    k = max(int(d.data.scale.direction_table()[:-1].max(initial=-1)) + 1 for d in deliveries)
    n = n_slices
    table, items = np.zeros((GROUPS * n, columns(k))), np.zeros(GROUPS * n)
    for place, delivery in enumerate(deliveries):
        chosen = np.ones(len(delivery.people), bool) if who is None else who[place]
        one = item_sums(delivery, chosen)
        cell = delivery.part * n + (0 if slices is None else slices[place])
        for column in range(one.shape[1]):
            table[:, column] += np.bincount(cell, one[:, column], GROUPS * n)
        items += np.bincount(cell, one[:, _LABELLED] > 0, GROUPS * n)
    return Sums(table.reshape(GROUPS, n, -1), items.reshape(GROUPS, n))


_LABELLED = 2 * (len(MEASURES) - 2)
"""Column with the labels of an item."""
