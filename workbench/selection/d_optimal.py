r"""Greedy D-optimal design: the pairs whose labels together pin the coefficients down most (Fedorov 1972, *Theory of
optimal experiments*).

The next pair is the one that raises $\ln\det$ of the information most, by $\ln(1 + p(1-p)\,x^\top V x)$, and V shrinks
with it (rank-one update), so a pair like those already picked is worth little: the batch is diverse without a rule for
it. Greedy picking reaches at least $1 - 1/e$ of the best gain (Nemhauser, Wolsey & Fisher 1978).
"""

from __future__ import annotations

import numpy as np

from workbench.selection.contract import Pool
from workbench.selection.greedy import Picked, Task, pick_greedily
from workbench.selection.information import LinearInformation, label_information, per_cost, start_covariance


def pick(
    pool: Pool, task: Task, *, penalty: float = 1.0, cost_aware: bool = False, noise_aware: bool = False
) -> Picked:
    """The pairs that add most to ln det of the information, one after the other.

    Parameters
    ----------
    pool : with a model's covariance, or labelled pairs, or nothing: then information starts at the penalty alone.
    task : what is asked.
    penalty : ridge penalty of the model to be trained; where the pool has a covariance that is used instead.
    cost_aware : gain over expected cost.
    noise_aware : information times (1 - 2 flip)^2.
    """
    weight = label_information(pool, noise_aware=noise_aware)
    objective = LogDetGain(
        LinearInformation(pool.features, start_covariance(pool, penalty), weight), per_cost(pool, cost_aware=cost_aware)
    )
    rows, gain = pick_greedily(objective, task)
    notes = (
        () if pool.probability is not None else ("No model: every label counts as that of an even chance, p = 0.5.",)
    )
    return Picked(
        rows,
        gain,
        "gain in ln det of the information, over cost" if cost_aware else "gain in ln det of the information",
        notes,
    )


class LogDetGain:
    """`Objective`: ln(1 + w s) over cost."""

    def __init__(self, state: LinearInformation, factor: np.ndarray) -> None:
        self.state, self.factor = state, factor
        self._active, self._ceiling, self._bound = np.empty(0, np.int64), -np.inf, np.empty(0)

    def worth(self, rows: np.ndarray | slice, variance: np.ndarray) -> np.ndarray:
        """Gain of these rows at these variances."""
        return np.asarray(np.log1p(self.state.weight[rows] * variance) * self.factor[rows])

    def bounds(self) -> np.ndarray:
        """Gain at the variances as far as they are known."""
        self._bound = self.worth(slice(None), self.state.upper())
        return self._bound

    def enter(self, active: np.ndarray, others: np.ndarray) -> None:
        """Keeps the active rows exact."""
        self.state.enter(active)
        self._active, self._ceiling = active, float(self._bound[others].max(initial=-np.inf))

    def scores(self) -> np.ndarray:
        """Exact gains."""
        return self.worth(self._active, self.state.active)

    def ceiling(self) -> float:
        """Gains only fall."""
        return self._ceiling

    def take(self, k: int) -> None:
        """Adds the information of a label."""
        self.state.take(k)
