r"""k-means: one pair from each of as many clusters as there are picks (mini-batches: Sculley 2010, *Web-scale k-means
clustering*).

Covers the pool in proportion to how densely it lies, where k-centre goes to its edge. Clusters are of directions with
their length: a pair and the same pair with its sides exchanged are one. Works at any budget; the original design notes'
version, a full k-means with as many clusters as picks, does not.
"""

from __future__ import annotations

import numpy as np

from workbench.progress import Watch
from workbench.selection.admitting import Admission
from workbench.selection.badge import draw_far_apart
from workbench.selection.contract import Pool
from workbench.selection.greedy import Picked, Task
from workbench.selection.kernels import BLOCK
from workbench.selection.nearest import Nearest

BATCH = 4_096
"""Pairs in a mini-batch."""

SEEDED = 4
"""Pairs drawn to seed the centres from, for each centre."""


def pick(pool: Pool, task: Task, *, rounds: int = 10) -> Picked:
    """The pair nearest to each centre; clusters that end up empty give their pick to the pairs farthest from any
    centre.

    Parameters
    ----------
    pool, task : what is asked.
    rounds : pairs that go into the centres, for each centre; a pair may go in again.
    """
    open_rows = np.flatnonzero(task.admission.open)
    order = open_rows[np.argsort(task.rank[open_rows])]
    if len(order) == 0:
        return Picked([], [], "")
    centres = _centres(pool.features, order, min(task.budget, len(order)), task, rounds)
    centre, squared = _nearest_centre(pool.features, centres, task.watch)
    rows: list[int] = []
    # First the nearest of each cluster, then the second nearest where that was not admitted, and the farthest pairs
    # last.
    by_distance = order[np.argsort(squared[order], kind="stable")]
    served = np.zeros(len(centres), bool)
    for row in by_distance.tolist():
        if len(rows) >= task.budget:
            break
        if not served[centre[row]] and task.admission.admits(row):
            task.admission.take(row)
            served[centre[row]] = True
            rows.append(row)
    size = np.bincount(centre[order], minlength=len(centres))
    rows.sort(key=lambda row: (-size[centre[row]], task.rank[row]))
    for row in by_distance[::-1].tolist():
        if len(rows) >= task.budget:
            break
        if task.admission.admits(row):
            task.admission.take(row)
            rows.append(row)
    return Picked(rows, [float(size[centre[row]]) for row in rows], "pairs in its cluster")


def _centres(x: np.ndarray, order: np.ndarray, k: int, task: Task, rounds: int) -> np.ndarray:
    """The centres, float32 (k, d): seeded far apart, then moved by mini-batches."""
    sample = np.sort(task.rng.choice(len(order), min(len(order), SEEDED * k + BATCH), replace=False))
    near = Nearest(x[order[sample]])
    seeds = Task(k, Admission(near.x, np.ones(len(sample), bool), budget=k), np.arange(len(sample)), task.rng)
    centres = near.x[draw_far_apart(near, seeds)[0]].astype(float)
    seen = np.zeros(len(centres))
    steps = max(1, rounds * k // BATCH)
    for _ in range(steps):
        batch = x[order[np.sort(task.rng.integers(0, len(order), min(BATCH, len(order))))]]
        mine = _nearest_centre(batch, centres.astype(np.float32), task.watch)[0]
        side = np.where(np.einsum("nd,nd->n", batch, centres[mine]) < 0, -1.0, 1.0)[:, None]
        count = np.bincount(mine, minlength=len(centres))
        total = np.zeros_like(centres)
        np.add.at(total, mine, side * batch)
        seen += count
        moved = count > 0
        centres[moved] += (total[moved] - count[moved, None] * centres[moved]) / seen[moved, None]
    return np.asarray(centres.astype(np.float32))


def _nearest_centre(x: np.ndarray, centres: np.ndarray, watch: Watch) -> tuple[np.ndarray, np.ndarray]:
    """Nearest centre of each row, int64 (n,), and the squared distance to it, float64 (n,)."""
    centre, squared = np.empty(len(x), np.int64), np.empty(len(x))
    length = np.einsum("kd,kd->k", centres, centres)
    block = max(256, min(BLOCK, 4_000_000 // max(len(centres), 1)))
    for i in range(0, len(x), block):
        watch.step(i, len(x), "Looking for the nearest centre")
        part = x[i : i + block]
        near = part @ centres.T
        np.abs(near, out=near)
        near *= -2.0
        near += length
        mine = near.argmin(1)
        centre[i : i + block] = mine
        squared[i : i + block] = near[np.arange(len(part)), mine] + np.einsum("nd,nd->n", part, part)
    return centre, squared
