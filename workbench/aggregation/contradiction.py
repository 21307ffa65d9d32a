r"""Can methods that disagree all be as sure as they say?

Where two methods name different directions for an item, at least one of them is wrong. One that is right about how
sure it is errs on $\sum_i (1 - c_i)$ items in the mean, c being its confidence, give or take $\sqrt{\sum_i c_i (1 -
c_i)}$. So two such methods part on no more items than they err on together; where they part on more, at least one is
surer than right, whatever the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from workbench.aggregation.contract import direction_posterior
from workbench.dataset.scales import LabelScale
from workbench.errors import counted

WIDE = 0.02
"""Least share of items on which methods have to part before it is worth a word."""

_BEYOND_CHANCE = 3.0
"""Standard deviations beyond what confidence allows."""

LOOKED_AT = 100_000
"""Items that are looked at; of more, every second one, every third, and so on."""


@dataclass(frozen=True)
class Contradiction:
    """Two methods that cannot both be as sure as they say.

    Attributes
    ----------
    one, other : their titles.
    items : items both give a direction.
    parted : on how many of these they differ.
    allowed : on how many they may, by their own confidence.
    """

    one: str
    other: str
    items: int
    parted: int
    allowed: float

    def __str__(self) -> str:
        return (
            f"{self.one} and {self.other} name different answers for {counted(self.parted, 'item')} of"
            f" {self.items:,}; as sure as they are, chance allows {self.allowed:,.0f}. At least one is too sure."
        )


def contradiction(
    scale: LabelScale,
    posteriors: Mapping[str, np.ndarray],
    parts: Callable[[], Iterable[tuple[int, int]]] | None = None,
) -> Contradiction | None:
    """The two methods that part on most items beyond what their confidence allows; None where none do.

    Parameters
    ----------
    posteriors : title of a method -> float64 (n_items, K), rows of NaN where it has no opinion.
    parts : ranges of items that are looked at together, in order; all at once by default.

    Examples
    --------
    Two methods that are sure of everything, and differ on three items of a hundred:

    >>> from workbench.dataset.scales import BINARY
    >>> sure = np.tile([0.999, 0.001], (100, 1))
    >>> other = sure.copy()
    >>> other[:3] = other[:3, ::-1]
    >>> found = contradiction(BINARY, {"x": sure, "y": other})
    >>> found.parted, round(found.allowed, 1)
    (3, 1.5)
    """
    found: list[Contradiction] = []
    n = max((len(p) for p in posteriors.values()), default=0)
    every, ranges = 1 + n // LOOKED_AT, parts or (lambda: [(0, n)])
    by_direction = {
        name: direction_posterior(
            np.concatenate([p[low + -low % every : high : every] for low, high in ranges()]), scale
        )
        for name, p in posteriors.items()
    }
    for (one, p), (other, q) in combinations(by_direction.items(), 2):
        both = ~np.isnan(p).any(1) & ~np.isnan(q).any(1)
        if not both.any():
            continue
        p, q = p[both], q[both]
        parted = int((p.argmax(1) != q.argmax(1)).sum())
        sure = np.concatenate([p.max(1), q.max(1)])
        allowed = float((1 - sure).sum() + _BEYOND_CHANCE * np.sqrt((sure * (1 - sure)).sum()))
        if parted > max(allowed, WIDE * len(p)):
            found.append(Contradiction(one, other, len(p), parted, allowed))
    return max(found, key=lambda c: c.parted - c.allowed, default=None)
