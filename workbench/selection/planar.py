"""A map of the pool: the two directions in which its pairs differ most, the pool as counts on a grid, picks as
points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.estimates import Finite
from workbench.selection.contract import Pool, Selection
from workbench.selection.kernels import BLOCK

BINS = 48
"""Cells of the grid on each side."""

MARKS = 2_000
"""Most picks of one strategy that are drawn; the first of them."""


@dataclass(frozen=True, eq=False)
class Plane(Finite):
    """The pool in two dimensions.

    Attributes
    ----------
    counts : int64 (BINS, BINS): pairs in each cell, [row along y, column along x].
    x, y : float64 (BINS + 1,): edges of the cells.
    marks : strategy -> float64 (b, 2): where its picks lie, in order.
    drawn : strategy -> picks that are not drawn.
    explained : share of the pool's variance that the two directions hold.
    """

    counts: np.ndarray
    x: np.ndarray
    y: np.ndarray
    marks: Mapping[str, np.ndarray]
    undrawn: Mapping[str, int]
    explained: float

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "counts": self.counts.tolist(),
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "explained": self.explained,
            "marks": {name: np.round(at, 5).tolist() for name, at in self.marks.items()},
            "undrawn": dict(self.undrawn),
        }


def plane_of(pool: Pool, selections: Mapping[str, Selection], seed: int = 0) -> Plane:
    """Where do the pool and the picks lie?

    The principal directions of the rows about zero, so that they do not depend on which side is first. A pair and
    itself with the sides exchanged lie opposite each other; all are drawn on the half where the first coordinate is at
    least 0.

    Parameters
    ----------
    pool : the pairs.
    selections : strategy -> what it picked.
    seed : decides which 20,000 pairs the directions are found from, in a larger pool.
    """
    rng = np.random.default_rng(seed)
    rows = np.arange(len(pool)) if len(pool) <= 20_000 else np.sort(rng.choice(len(pool), 20_000, replace=False))
    second = np.zeros((pool.dim, pool.dim))
    for i in range(0, len(rows), BLOCK):
        block = pool.features[rows[i : i + BLOCK]].astype(float)
        second += block.T @ block
    value, vector = np.linalg.eigh(second)
    value, axes = np.maximum(value[::-1], 0.0), vector[:, ::-1][:, :2]
    axes = np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))
    axes = axes * np.where(axes[np.abs(axes).argmax(0), [0, 1]] < 0, -1.0, 1.0) if pool.dim else axes
    at = np.empty((len(pool), 2))
    for i in range(0, len(pool), BLOCK):
        at[i : i + BLOCK] = pool.features[i : i + BLOCK] @ axes.astype(np.float32)
    at = at * np.where(at[:, [0]] < 0, -1.0, 1.0)
    counts, x, y = np.histogram2d(at[:, 0], at[:, 1], BINS)
    marks = {name: at[s.picks[:MARKS]] for name, s in selections.items()}
    undrawn = {name: max(len(s) - MARKS, 0) for name, s in selections.items()}
    explained = float(value[:2].sum() / value.sum()) if value.sum() > 0 else 0.0
    return Plane(counts.T.astype(np.int64), x, y, marks, undrawn, explained)
