"""Work on arrays that is spread over threads of our own.

Compiled passes release Python's lock, so threads share them, and pages of several users may run them at the same time
(a compiled parallel loop of numba's may not everywhere). Parts are stretches of an array; what they return comes back
in their order, so that sums do not depend on which thread was first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
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


WORTH_A_THREAD = 100_000
"""Judgements from which analyses that need nothing of each other are made at the same time: below, threads that hold
Python's lock by turns cost more than they save."""


def beside(judgements: int) -> Executor:
    """Where to submit an analysis that is made beside others: on threads where there are many judgements, at once where
    there are few.

    >>> with beside(10) as here:
    ...     here.submit(sum, [1, 2]).result()
    3
    """
    return ThreadPoolExecutor(2, thread_name_prefix="beside") if judgements >= WORTH_A_THREAD else _AtOnce()


class _AtOnce(Executor):
    """Makes what is submitted before it returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_cores(), thread_name_prefix="workbench")


def _cores() -> int:
    return os.cpu_count() or 1
