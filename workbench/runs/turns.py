"""Whose turn it is: first come, first served, one run a device.

Each run draws a numbered ticket and waits until no living run with a lower number wants one of its devices; then it
locks these devices. The lock is the operating system's and dies with its process, so a run that was killed blocks
nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.runs.folder import read_json, write_json

_TICKET = re.compile(r"(\d{9})-([a-z0-9-]+)\.json")


@dataclass(frozen=True)
class Ticket:
    """A place in the queue.

    Attributes
    ----------
    number : lower is first.
    run : its id.
    devices : what it waits for or holds.
    """

    number: int
    run: str
    devices: tuple[str, ...]


class Turns:
    """The queue of all runs that lie in one folder.

    Parameters
    ----------
    root : the folder of the runs.
    lives : says whether a process drives the run with that id.
    """

    def __init__(self, root: Path, lives: Callable[[str], bool]) -> None:
        self.root = root
        self.folder = root / ".queue"
        self.lives = lives

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else draws a ticket or starts a run meanwhile, in any process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self.folder / "door.lock", wait=True) or ExitStack():
            yield

    def draw(self, run: str, devices: tuple[str, ...]) -> Ticket:
        """The last place in the queue; to be called while `alone`."""
        self.give_back(run)
        number = 1 + max((ticket.number for ticket in self.tickets()), default=0)
        ticket = Ticket(number, run, devices)
        write_json(self.folder / f"{number:09d}-{run}.json", {"devices": devices})
        return ticket

    def give_back(self, run: str) -> None:
        """The run needs no place any more."""
        for path in self.folder.glob(f"*-{run}.json"):
            path.unlink(missing_ok=True)

    def tickets(self) -> list[Ticket]:
        """All places of runs whose process lives, first come first; places of the dead are taken away."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            match = _TICKET.fullmatch(path.name)
            if match is None:
                continue
            if not self.lives(match.group(2)):
                path.unlink(missing_ok=True)
                continue
            content = read_json(path)
            if content is not None:
                found.append(Ticket(int(match.group(1)), match.group(2), tuple(content["devices"])))
        return found

    def ahead_of(self, run: str) -> int | None:
        """How many runs come first; None where the run has no ticket."""
        everybody = self.tickets()
        own = next((ticket for ticket in everybody if ticket.run == run), None)
        if own is None:
            return None
        return sum(t.number < own.number and bool(set(t.devices) & set(own.devices)) for t in everybody)

    def take(self, devices: tuple[str, ...]) -> ExitStack | None:
        """Locks all of these devices until the stack is closed or the process ends; None where one of them is taken."""
        held = ExitStack()
        for device in sorted(devices):
            one = _locked(self.folder / f"{re.sub(r'[^a-z0-9]+', '-', device.lower())}.lock", wait=False)
            if one is None:
                held.close()
                return None
            held.enter_context(one)
        return held


def _locked(path: Path, *, wait: bool) -> ExitStack | None:
    """The file, locked until the stack is closed or the process ends; None where somebody else has it and one does not
    wait. A child that is forked meanwhile, and may outlive this process, does not hold it: filelock sees to that.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=-1 if wait else 0, thread_local=False)
    with suppress(Timeout):
        lock.acquire()
        held = ExitStack()
        held.callback(lock.release, force=True)
        return held
    return None
