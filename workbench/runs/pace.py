"""How fast work goes on and when it will be done, from the steps seen so far."""

from __future__ import annotations

from collections import deque
from statistics import median

SAMPLES = 64
APART = 0.25  # seconds


class Pace:
    """Steps a second, smoothed so that one pause (a checkpoint, another run) does not shake it.

    The rate is the median of the slopes between samples half the window apart: (done[i + h] - done[i]) / (t[i + h] - t[i]).
    A window is the last 64 samples, which lie at least a quarter of a second apart.

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
        half = len(seen) // 2
        if len(seen) < 3:
            return None
        slopes = [(d2 - d1) / (t2 - t1) for (t1, d1), (t2, d2) in zip(seen, seen[half:], strict=False) if t2 > t1]
        return median(slopes)

    def left(self, now: float, of: int) -> float | None:
        """Seconds to the last step of this stage; None where the rate or the number of steps is not known."""
        rate = self.rate()
        if not rate or not of:
            return None
        then, done = self._seen[-1]
        return max(0.0, (of - done) / rate - (now - then))
