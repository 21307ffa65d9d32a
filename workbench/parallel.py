"""Work on arrays that is spread over threads of our own.

Compiled passes release Python's lock, so threads share them, and pages of several users may run them at the same time
(a compiled parallel loop of numba's may not everywhere). Parts are stretches of an array; what they return comes back
in their order, so that sums do not depend on which thread was first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

Parts = Sequence[tuple[int, int]]
"""Stretches `low` to `high` (left out) of an array."""

MOST_EVEN = 4
"""Most parts of `even_parts`."""


def in_parts(parts: Parts, work: Callable[[int, int], Any]) -> list[Any]:
    """What `work(low, high)` returns for each part, in order.

    >>> in_parts([(0, 2), (2, 5)], lambda low, high: high - low)
    [2, 3]
    """
    if len(parts) <= 1:
        return [work(low, high) for low, high in parts]
    return list(_threads().map(lambda edges: work(*edges), parts))


def even_parts(n: int, least: int) -> Parts:
    """0 to n in stretches of equal length, as many as there are cores (four at most); one where n is below `least`.

    >>> even_parts(10, 100)
    [(0, 10)]
    """
    parts = max(1, min(MOST_EVEN, _cores())) if n >= least else 1
    ends = np.linspace(0, n, parts + 1).astype(int).tolist()
    return list(pairwise(ends))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_cores(), thread_name_prefix="workbench")


def _cores() -> int:
    return os.cpu_count() or 1
