"""How many calls a server is sent at once: one more while all goes well, half as many when it is busy, none while it
asks to be left alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

START = 8
"""Calls at once to begin with."""
_BUSY_AGAIN = 0.5
"""Seconds within which several busy answers count as one: they were sent together."""


class Pace:
    """The gate before one server.

    Parameters
    ----------
    most : calls at once at the most.
    clock : seconds.
    """

    def __init__(self, most: int, clock: Callable[[], float] = monotonic) -> None:
        self.most, self.limit, self.active = most, float(min(START, most)), 0
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._until = 0.0
        self._last_busy = -1e9

    async def enter(self) -> None:
        """Waits until one more call may be sent."""
        while self.active >= int(self.limit) or self._clock() < self._until:
            pause = self._until - self._clock()
            if pause > 0:
                await asyncio.sleep(min(pause, 1.0))
                continue
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self.active += 1

    def leave(self, *, busy: bool = False, wait: float | None = None) -> None:
        """A call came back: well, or with the server busy and asking for `wait` seconds."""
        self.active -= 1
        if busy:
            now = self._clock()
            if now - self._last_busy > _BUSY_AGAIN:
                self.limit, self._last_busy = max(1.0, self.limit / 2), now
            self._until = max(self._until, now + (wait or 0.0))
        else:
            self.limit = min(float(self.most), self.limit + 1 / self.limit)
        free = int(self.limit) - self.active
        while self._waiting and free > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
