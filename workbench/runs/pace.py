"""How fast work goes on and when it will be done, from the steps seen so far."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

SAMPLES = 64
APART = 0.25  # seconds
PAUSE = 10.0  # times the usual interval


class Pace:
    """Steps a second, over the last 64 samples, which lie at least a quarter of a second apart.

    rate = steps done / time taken, summed over the intervals between samples. An interval more than ten times as long
    as the median one is a pause (a laptop that slept, another run that took the processor) and is left out; no more
    than one interval in sixteen is, so that what happens regularly, such as a checkpoint, counts.

    >>> pace = Pace()
    >>> for second in range(10):
    ...     pace.tell(float(second), 5 * second)
    >>> pace.rate(), pace.left(now=9.0, of=95)
    (5.0, 10.0)
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=SAMPLES)

    def begin(self) -> None:
        """A new stage: what was seen so far says nothing about it."""
        self._seen.clear()

    def tell(self, now: float, done: int) -> None:
        """Work stands at `done` steps at this time (seconds of a clock that never goes back)."""
        if self._seen and done < self._seen[-1][1]:
            self.begin()
        if not self._seen or now - self._seen[-1][0] >= APART:
            self._seen.append((now, done))

    def rate(self) -> float | None:
        """Steps a second; None before enough was seen."""
        seen = list(self._seen)
        if len(seen) < 3:
            return None
        intervals = sorted((t2 - t1, d2 - d1) for (t1, d1), (t2, d2) in pairwise(seen))
        usual = median(time for time, _ in intervals)
        most = 1 + len(intervals) // 16 if len(intervals) >= 8 else 0
        pauses = min(most, sum(time > PAUSE * usual for time, _ in intervals))
        counted = intervals[: len(intervals) - pauses]
        return sum(done for _, done in counted) / sum(time for time, _ in counted)

    def left(self, now: float, of: int) -> float | None:
        """Seconds to the last step of this stage; None where the rate or the number of steps is not known."""
        rate = self.rate()
        if not rate or not of:
            return None
        then, done = self._seen[-1]
        return max(0.0, (of - done) / rate - (now - then))
