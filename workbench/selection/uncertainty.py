r"""Uncertainty: pairs whose label the model can tell least, $p(1-p)$ (Lewis & Gale 1994, *A sequential algorithm for
training text classifiers*).

It takes true ties, from which nothing is to be learned, for ignorance, and picks alike pairs together; D-optimal does
neither.
"""

from __future__ import annotations

from workbench.selection.contract import Pool
from workbench.selection.greedy import Picked, Task, pick_best
from workbench.selection.information import label_information, per_cost


def pick(pool: Pool, task: Task, *, cost_aware: bool = False, noise_aware: bool = False) -> Picked:
    """The pairs with the highest p (1 - p), times (1 - 2 flip)^2 and over the cost where asked for."""
    score = label_information(pool, noise_aware=noise_aware) * per_cost(pool, cost_aware=cost_aware)
    rows, gain = pick_best(score, task)
    return Picked(rows, gain, "p (1 - p), variance of the label")
