"""How long does scoring take, by how many texts are scored at once?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.estimates import Finite
from workbench.progress import UNWATCHED, Watch


@dataclass(frozen=True)
class Latency(Finite):
    """Time of one call with so many texts.

    Attributes
    ----------
    batch : texts of a call.
    median, slow : milliseconds of the middle call, and of the one that nine of ten are not slower than.
    per_second : texts a second at the median.
    calls : how many were timed, after one that was not.
    """

    batch: int
    median: float
    slow: float
    per_second: float
    calls: int

    def to_dict(self) -> dict[str, float | int]:
        """As JSON has it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def scoring_latency(
    score: Callable[[Sequence[str], Sequence[str]], np.ndarray],
    prompt: Sequence[str],
    response: Sequence[str],
    *,
    batches: Sequence[int] = (1, 8, 32),
    calls: int = 7,
    seconds: float = 20.0,
    watch: Watch = UNWATCHED,
) -> tuple[Latency, ...]:
    """How long does a call take with 1, 8, 32 of these texts?

    Texts are taken in the order they are in, from the beginning again where they run out, so that their lengths are
    those of the data.

    Parameters
    ----------
    score : scores responses to their prompts.
    calls, seconds : how often each batch is timed; fewer times where all of it would take longer than so many seconds.
    """
    found = []
    n, at = len(response), 0
    for k, batch in enumerate(batches):
        watch.step(k, len(batches), "Measuring scoring time")
        taken: list[float] = []
        began = time.perf_counter()
        for call in range(calls + 1):
            rows = [(at + i) % n for i in range(batch)]
            at = (at + batch) % n
            start = time.perf_counter()
            score([prompt[i] for i in rows], [response[i] for i in rows])
            if call:  # the first one warms up
                taken.append(time.perf_counter() - start)
            if taken and time.perf_counter() - began > seconds / len(batches):
                break
        middle = float(np.median(taken))
        found.append(
            Latency(
                int(batch), 1e3 * middle, 1e3 * float(np.quantile(taken, 0.9)), batch / max(middle, 1e-9), len(taken)
            )
        )
    return tuple(found)
