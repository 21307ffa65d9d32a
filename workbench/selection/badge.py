r"""BADGE: a diverse batch of large gradients (Ash et al. 2020, *Deep batch active learning by diverse, uncertain
gradient lower bounds*).

Of a linear reward model the gradient of a pair, were it labelled as the model expects, is $(p - y)\,x$: long where the
model is unsure. k-means++ seeding on these draws far and long ones alike: the longest first, then each with a chance in
proportion to its squared distance to the nearest one drawn.
"""

from __future__ import annotations

import numpy as np

from workbench.selection.contract import Pool
from workbench.selection.greedy import Picked, Task
from workbench.selection.nearest import Nearest

WAITING = 256
"""Points gathered before all distances are brought up to date."""


def pick(pool: Pool, task: Task) -> Picked:
    """k-means++ on the gradients."""
    assert pool.probability is not None
    p = pool.probability
    winner = np.where(p > 0.5, 1.0, np.where(p < 0.5, -1.0, _first_sign(pool.features)))
    near = Nearest(pool.features, np.minimum(p, 1 - p) * winner, either_side=False)
    rows, gain = draw_far_apart(near, task)
    return Picked(rows, gain, "squared distance of its gradient to the nearest drawn before")


def draw_far_apart(near: Nearest, task: Task) -> tuple[list[int], list[float]]:
    """k-means++ seeding: the longest row first, then each with a chance in proportion to its squared distance to the
    nearest drawn.

    Drawn by rejection: distances some draws old are bounds, a row drawn in proportion to its bound is kept with the
    chance of its true squared distance over it. That is the same distribution, and all distances are renewed only now
    and then.
    """
    rows: list[int] = []
    gain: list[float] = []
    waiting: list[np.ndarray] = []
    admission, order = task.admission, np.argsort(task.rank)
    total, heights, refused = 0.0, np.empty(0), WAITING
    while len(rows) < task.budget:
        if refused > WAITING // 4 or len(waiting) >= WAITING or not len(heights):
            if waiting:
                near.add(np.array(waiting))
            waiting, refused = [], 0
            bound = near.squared if rows else near.square
            weight = np.where(admission.open, bound, 0.0)[order]
            heights = np.cumsum(weight)
            total = float(heights[-1]) if len(heights) else 0.0
            if total <= 0.0:
                break
        row = (
            int(order[np.argmax(weight)])
            if not rows
            else int(order[np.searchsorted(heights, task.rng.random() * total, side="right")])
        )
        exact = float(bound[row])
        if waiting:
            mine = near.points(np.array([row]))[0]
            exact = min(exact, float(((np.array(waiting) - mine) ** 2).sum(1).min()))
            if near.either_side:
                exact = min(exact, float(((np.array(waiting) + mine) ** 2).sum(1).min()))
        if (rows and task.rng.random() * float(bound[row]) >= exact) or not admission.admits(row):
            refused += 1
            continue
        admission.take(row)
        rows.append(row)
        gain.append(exact)
        waiting.append(near.points(np.array([row]))[0])
        if len(rows) == 1:
            refused = WAITING  # before the first, distances were lengths
        if len(rows) % 16 == 0:
            task.watch.step(len(rows), task.budget, "Picking pairs")
    for row in order[admission.open[order]].tolist():  # what is left lies on what was drawn
        if len(rows) >= task.budget:
            break
        if admission.admits(row):
            admission.take(row)
            rows.append(row)
            gain.append(0.0)
    return rows, gain


def _first_sign(x: np.ndarray) -> np.ndarray:
    """Sign of the first feature of each row that is not zero."""
    first = (x != 0).argmax(1) if x.shape[1] else np.zeros(len(x), np.int64)
    return np.where(x[np.arange(len(x)), first] < 0, -1.0, 1.0) if x.shape[1] else np.ones(len(x))
