r"""k-centre: always the pair farthest from everything picked or labelled (Gonzalez 1985; as core-set selection: Sener &
Savarese 2018).

Covers the pool within twice the smallest possible radius. It sees no probabilities, and goes to the outliers first.
"""

from __future__ import annotations

import numpy as np

from workbench.selection.contract import Pool
from workbench.selection.greedy import Picked, Task, pick_greedily
from workbench.selection.kernels import BLOCK
from workbench.selection.nearest import Nearest, Watched


def pick(pool: Pool, task: Task) -> Picked:
    """The farthest pair again and again; a pair without any difference between its sides counts as covered, as do
    labelled pairs.
    """
    near = covered(pool)
    rows, gain = pick_greedily(FarthestFirst(near), task)
    return Picked(rows, gain, "squared distance to the nearest pair picked or labelled before")


def covered(pool: Pool) -> Nearest:
    """Distances to what needs no label: pairs that have one, and the pair without a difference."""
    near = Nearest(pool.features)
    near.squared = near.square.copy()
    for x in (pool.labelled, pool.features[pool.voted] if pool.votes is not None else None):
        for i in range(0, 0 if x is None else len(x), BLOCK // 16):
            near.add(x[i : i + BLOCK // 16].astype(float))  # type: ignore[index]
    return near


class FarthestFirst:
    """`Objective`: squared distance to the nearest point so far."""

    def __init__(self, near: Nearest) -> None:
        self.near = near
        self._watched: Watched | None = None
        self._waiting: list[np.ndarray] = []
        self._ceiling = -np.inf

    def bounds(self) -> np.ndarray:
        """Distances, exact."""
        if self._waiting:
            self.near.add(np.array(self._waiting))
        self._waiting = []
        return self.near.squared

    def enter(self, active: np.ndarray, others: np.ndarray) -> None:
        """Keeps the active rows up to date."""
        self._watched = self.near.watched(active)
        self._ceiling = float(self.near.squared[others].max(initial=-np.inf))

    def scores(self) -> np.ndarray:
        """Distances of the active rows."""
        assert self._watched is not None
        return self._watched.squared

    def ceiling(self) -> float:
        """Distances only fall."""
        return self._ceiling

    def take(self, k: int) -> None:
        """One more point."""
        assert self._watched is not None
        point = self._watched.point(k)
        self._waiting.append(point)
        self._watched.add(point)
