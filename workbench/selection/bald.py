r"""BALD: pairs on which the model's possible versions disagree, $H(\bar p) - E\,H(p)$ (Houlsby et al. 2011, *Bayesian
active learning for classification and preference learning*).

It leaves true ties alone: there every version says one half. With a covariance the batch is picked pair by pair, each
given that the picks before it will be labelled; with the members of an ensemble each pair is rated for itself, and
alike pairs come together.
"""

from __future__ import annotations

import numpy as np

from workbench.selection.contract import Pool
from workbench.selection.d_optimal import LogDetGain
from workbench.selection.greedy import Picked, Task, pick_best, pick_greedily
from workbench.selection.information import (
    LinearInformation,
    binary_entropy,
    expected_information,
    kept_by_noise,
    label_information,
    per_cost,
    start_covariance,
)


def pick(pool: Pool, task: Task, *, cost_aware: bool = False, noise_aware: bool = False) -> Picked:
    """The pairs whose label tells most about the model, in nats."""
    factor = per_cost(pool, cost_aware=cost_aware) * (kept_by_noise(pool) if noise_aware else 1.0)
    name = "expected information about the model, nats"
    if pool.members is not None:
        members = np.asarray(pool.members, float)
        score = binary_entropy(members.mean(0)) - binary_entropy(members).mean(0)
        rows, gain = pick_best(np.maximum(score, 0.0) * factor, task)
        return Picked(
            rows,
            gain,
            name,
            ("Each pair is rated for itself, so alike pairs come together; pass over near-duplicates to avoid that.",),
        )
    margin = np.zeros(len(pool)) if pool.margins is None else pool.margins
    state = LinearInformation(
        pool.features, start_covariance(pool, 1.0), label_information(pool, noise_aware=noise_aware)
    )
    rows, gain = pick_greedily(_Information(state, factor, margin), task)
    return Picked(rows, gain, name)


class _Information(LogDetGain):
    """`Objective`: mutual information of a label and the coefficients, which falls as the variance does."""

    def __init__(self, state: LinearInformation, factor: np.ndarray, margin: np.ndarray) -> None:
        super().__init__(state, factor)
        self.margin = margin

    def worth(self, rows: np.ndarray | slice, variance: np.ndarray) -> np.ndarray:
        return expected_information(self.margin[rows], variance) * self.factor[rows]
