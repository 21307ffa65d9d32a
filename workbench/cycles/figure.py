"""One figure of one cycle, with what it would be without each group of what it is counted over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.deliveries.comparing import Change, difference_of, estimate_of, p_value_of
from workbench.deliveries.measures import Measure
from workbench.statistics.jackknife import GROUPS, standard_error


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure.

    Attributes
    ----------
    value : NaN where undefined.
    without : float (GROUPS,): the same without each group.
    n : what it is counted over.
    """

    value: float
    without: np.ndarray
    n: int


def part_of(keys: np.ndarray) -> np.ndarray:
    """Group of each key, the same in every cycle, so that what comes again is compared in pairs: int (n,)."""
    texts = np.array([str(k) for k in keys], object)
    hashed = pd.util.hash_array(texts, categorize=False) if len(texts) else np.zeros(0, np.uint64)
    return (hashed % np.uint64(GROUPS)).astype(np.int64)


def without_each(part: np.ndarray, of: Callable[[np.ndarray], float]) -> np.ndarray:
    """A figure without each group, from a function of which entries stay."""
    return np.array([of(part != g) for g in range(GROUPS)])


def ratio(hits: np.ndarray, of: np.ndarray, part: np.ndarray, n: int | None = None) -> Figure:
    """The sum of some entries over the sum of others.

    >>> found = ratio(np.array([1.0, 0.0, 1.0]), np.ones(3), np.array([0, 1, 2]))
    >>> round(found.value, 3), round(float(found.without[1]), 3)
    (0.667, 1.0)
    """
    up, down = (np.bincount(part, x, GROUPS) for x in (hits, of))
    with np.errstate(invalid="ignore", divide="ignore"):
        value, without = up.sum() / down.sum(), (up.sum() - up) / (down.sum() - down)
    return Figure(float(value), without, len(part) if n is None else n)


def change_of(measure: Measure, a: Figure, b: Figure, *, margin: float = 0.0, least: int = 30) -> Change:
    """How a figure changed from one cycle to another.

    Parameters
    ----------
    margin : a change up to which nothing is amiss.
    least : entries below which it is not compared.
    """
    sides = [estimate_of(measure, f.value, f.without, f.n) for f in (a, b)]
    difference = difference_of(measure, sides, (a.without, b.without), least)
    p = None
    if difference.value is not None:
        p = p_value_of(difference.value, standard_error(b.without - a.without), margin)
    return Change(measure=measure, a=sides[0], b=sides[1], difference=difference, p_value=p)
