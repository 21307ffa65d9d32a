"""How a worker is told to stop, and what happens where it does not listen."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

UNHEARD_SECONDS = 0.9
"""A run that has not looked for so long is ended where it stands; its checkpoints are whole at any moment."""
WIND_UP_SECONDS = 10.0
"""A run that has heard may take so long to put its things away."""


class Stop:
    """Whether this run was asked to stop.

    Parameters
    ----------
    on_ask : called once, from another thread, when it is asked.
    on_deaf : called from that thread where the work does not stop by itself; does not come back.
    """

    def __init__(self, on_ask: Callable[[], None], on_deaf: Callable[[], None]) -> None:
        self.on_ask, self.on_deaf = on_ask, on_deaf
        self._asked, self._heard, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._lock = threading.Lock()

    def asked(self) -> bool:
        """What the work asks at each step."""
        if self._asked.is_set():
            self._heard.set()
            return True
        return False

    def ended(self) -> None:
        """The work has stopped, or was done before it heard."""
        self._ended.set()
        self._heard.set()

    def ask(self) -> None:
        """Asks the work to stop; the second time changes nothing."""
        with self._lock:
            if self._asked.is_set() or self._ended.is_set():
                return
            self._asked.set()
        threading.Thread(target=self._insist, daemon=True, name="stop").start()

    def _insist(self) -> None:
        self.on_ask()
        if not self._heard.wait(UNHEARD_SECONDS) or not self._ended.wait(WIND_UP_SECONDS):
            self.on_deaf()

    def listen(self) -> None:
        """SIGTERM asks from now on, also while the work is deep in native code. To be called from the main thread.

        A handler in Python runs only once such code returns; the byte that the interpreter writes into a pipe on a
        signal is read by a thread at once.
        """
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

        def wait() -> None:
            while True:
                if signal.SIGTERM in os.read(reading, 1):
                    self.ask()

        threading.Thread(target=wait, daemon=True, name="signals").start()
        os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_hear_nothing)


def _hold() -> None:
    """No SIGTERM is delivered between a fork and the end of what the child does first."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _let_go() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _hear_nothing() -> None:
    """A forked child (a loader of data, a pool) shares the pipe: told to end, it would tell the whole run to."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _let_go()
