"""Random: every pair as likely as any other. What every other strategy has to beat, and the only one whose labels stand
for the whole pool.
"""

from __future__ import annotations

import numpy as np

from workbench.selection.contract import Pool
from workbench.selection.greedy import Picked, Task, pick_best


def pick(pool: Pool, task: Task) -> Picked:
    """The pairs in the order of the seed; the same pairs for the same seed, in whatever order the pool comes."""
    rows, gain = pick_best(np.zeros(len(pool)), task)
    return Picked(rows, gain, "none: drawn by lot")
