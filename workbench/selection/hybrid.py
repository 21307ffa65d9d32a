r"""The hybrid of the original design notes: uncertainty plus distance to what is picked, to the letter, without its
memory.

$u_i = 1/(1 + |\Delta_i|)$; the first pick has the largest u, and every further one the largest
$0.6\,u_i + 0.4\,m_i / \max_k m_k$ with $m_i$ the Euclidean distance to the nearest pick. The notes form all n x |S|
differences before every pick; one running minimum a pair gives the same picks. Kept for comparison: the scale of
$\Delta$ is arbitrary, true ties count as ignorance, and the two terms change their weights against each other as the
batch grows.
"""

from __future__ import annotations

import numpy as np

from workbench.errors import WorkbenchError
from workbench.selection.contract import Pool
from workbench.selection.greedy import FIRST, Picked, Task, pick_greedily
from workbench.selection.kernels import highest_sum
from workbench.selection.nearest import Nearest, Watched


def pick(pool: Pool, task: Task, *, uncertainty_weight: float = 0.6, diversity_weight: float = 0.4) -> Picked:
    """The formula's picks.

    Parameters
    ----------
    pool : with margins or probabilities; distances are between `prompts` where the pool has them, as in the notes, and
        between pairs otherwise.
    task : what is asked.
    uncertainty_weight, diversity_weight : of the two terms, at least 0.
    """
    if min(uncertainty_weight, diversity_weight) < 0:
        raise WorkbenchError(
            "The weights of the hybrid formula must be at least 0.", "The original ones are 0.6 and 0.4."
        )
    margin = pool.margins
    assert margin is not None
    uncertainty = uncertainty_weight * (1.0 / (1.0 + np.abs(margin)))
    near = Nearest(pool.features) if pool.prompts is None else Nearest(pool.prompts, either_side=False)
    rows, gain = pick_greedily(_Hybrid(near, uncertainty, diversity_weight), task)
    return Picked(rows, gain, "weighted sum of uncertainty and relative distance")


class _Hybrid:
    """`Objective`; the distance term is divided by the largest distance, which must be known before anything else
    is.
    """

    def __init__(self, near: Nearest, uncertainty: np.ndarray, weight: float) -> None:
        self.near, self.uncertainty, self.weight = near, uncertainty, weight
        self.begun = False
        self._waiting: list[np.ndarray] = []
        self._active, self._others = np.empty(0, np.int64), np.empty(0, np.int64)
        self._watched: Watched | None = None
        self._far: Watched | None = None
        self._beyond, self._outside = -np.inf, (np.empty(0), np.empty(0))

    def bounds(self) -> np.ndarray:
        if self._waiting:
            self.near.add(np.array(self._waiting))
        self._waiting = []
        if not self.begun:
            return self.uncertainty
        return self._sum(self.uncertainty, self.near.squared, float(self.near.squared.max(initial=0.0)))

    def enter(self, active: np.ndarray, others: np.ndarray) -> None:
        """Keeps the active rows up to date, and beside them the farthest of all rows, which decide what is divided
        by.
        """
        self._active, self._watched = active, self.near.watched(active)
        self._outside = self.uncertainty[others], self.near.squared[others]
        squared, size = self.near.squared, max(FIRST, len(active))
        if len(others) == 0 or len(squared) <= size:
            self._far, self._beyond = (
                self.near.watched(np.arange(len(squared))) if len(active) < len(squared) else self._watched,
                -np.inf,
            )
        else:
            cut = np.argpartition(-squared, size)
            self._far, self._beyond = self.near.watched(np.sort(cut[:size])), float(squared[cut[size:]].max())

    def scores(self) -> np.ndarray:
        assert self._watched is not None
        return self._sum(self.uncertainty[self._active], self._watched.squared, self._largest())

    def ceiling(self) -> float:
        if not self.begun:
            return float(self._outside[0].max(initial=-np.inf))
        largest = self._largest()
        if largest < self._beyond:
            return np.inf  # the largest distance may lie elsewhere: look at all again
        factor = self.weight / np.sqrt(largest) if largest > 0 else 0.0
        return float(highest_sum(*self._outside, factor))

    def take(self, k: int) -> None:
        assert self._watched is not None
        assert self._far is not None
        point = self._watched.point(k)
        if not self.begun:
            self._outside = self._outside[0], np.full(len(self._outside[0]), np.inf)
        self.begun = True
        self._waiting.append(point)
        self._watched.add(point)
        if self._far is not self._watched:
            self._far.add(point)

    def _largest(self) -> float:
        assert self._far is not None
        return float(self._far.squared.max(initial=0.0)) if self.begun else 0.0

    def _sum(self, uncertainty: np.ndarray, squared: np.ndarray, largest: float) -> np.ndarray:
        if largest == 0.0:
            return uncertainty
        with np.errstate(invalid="ignore"):
            return np.asarray(uncertainty + self.weight * (np.sqrt(squared) / np.sqrt(largest)))
