"""Where buckets are worked on: here one after the other, in threads, in processes, or by workers of dask.distributed.

Work is a function of a bucket that changes nothing but what it returns (or a file it writes whole), so that it may be
done again after a worker died, and what comes back is put in the order of the buckets: the same bits everywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from workbench.errors import WorkbenchError
from workbench.extras import need
from workbench.progress import UNWATCHED, Watch

Work = Callable[..., Any]
Given = TypeVar("Given")
TRIES = 4
"""How often the work on one bucket is given to another worker before it is given up."""
SCHEDULERS = "serial, threads, processes, processes:N, local, local:N, or the address of a scheduler (tcp://HOST:PORT)"


class Backend(Protocol):
    """What runs work on buckets."""

    def over(
        self, work: Work, each: Sequence[Any], *shared: Any, doing: str = "", watch: Watch = UNWATCHED
    ) -> Iterator[Any]:
        """`work(one, *shared)` for each of them, in their order.

        Raises
        ------
        WorkbenchError
            Workers died more often than `TRIES` times on the same one, or are gone.
        """


class Serial:
    """One after the other, in this process."""

    def over(
        self, work: Work, each: Sequence[Any], *shared: Any, doing: str = "", watch: Watch = UNWATCHED
    ) -> Iterator[Any]:
        """See `Backend`."""
        for done, one in enumerate(each):
            watch.step(done, len(each), doing)
            yield work(one, *shared)
        watch.step(len(each), len(each), doing)


class Pooled:
    """In threads or processes of this machine.

    Parameters
    ----------
    executor : makes the pool; a new one where processes of the last died.
    at_once : buckets worked on at a time, which bounds the memory.
    """

    def __init__(self, executor: Callable[[], Executor], at_once: int) -> None:
        self._executor, self._at_once = executor, at_once

    def over(
        self, work: Work, each: Sequence[Any], *shared: Any, doing: str = "", watch: Watch = UNWATCHED
    ) -> Iterator[Any]:
        """See `Backend`."""
        done, tries = 0, 0
        while done < len(each):
            # No more than a few results wait for the one before them.
            before = done
            try:
                with self._executor() as pool:
                    waiting = [pool.submit(work, one, *shared) for one in each[done : done + self._at_once]]
                    while waiting:
                        watch.step(done, len(each), doing)
                        result = waiting.pop(0).result()
                        ahead = done + len(waiting) + 1
                        if ahead < len(each):
                            waiting.append(pool.submit(work, each[ahead], *shared))
                        yield result
                        done += 1
            except BrokenProcessPool as error:
                tries = 1 if done > before else tries + 1
                if tries >= TRIES:
                    raise _given_up(f"{doing or 'Work'}: a process died {TRIES} times") from error
        watch.step(len(each), len(each), doing)


class Distributed:
    """Workers of dask.distributed.

    Parameters
    ----------
    client : connected to the scheduler.
    ahead : buckets handed out beyond the one that is waited for.
    """

    def __init__(self, client: Any, ahead: int = 32) -> None:
        self._client, self._ahead = client, ahead

    def over(
        self, work: Work, each: Sequence[Any], *shared: Any, doing: str = "", watch: Watch = UNWATCHED
    ) -> Iterator[Any]:
        """See `Backend`; a worker that dies has its bucket done by another, and what it returned before counts once."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError

        # A task that can be done again, not data on one worker, which would be lost with it.
        kept = [self._client.submit(_given, value, pure=False) for value in shared]
        waiting: list[Any] = []
        try:
            for done in range(len(each)):
                while len(waiting) < self._ahead and done + len(waiting) < len(each):
                    one = each[done + len(waiting)]
                    waiting.append(self._client.submit(work, one, *kept, pure=False, retries=TRIES))
                watch.step(done, len(each), doing)
                yield waiting.pop(0).result()
        except (KilledWorker, FutureCancelledError, CommClosedError, TimeoutError) as error:
            raise _given_up(f"{doing or 'Work'}: the workers are gone ({type(error).__name__})") from error
        finally:
            for future in waiting:
                future.cancel()
        watch.step(len(each), len(each), doing)


@contextmanager
def backend(scheduler: str | None = None) -> Iterator[Backend]:
    """Where to work, by name.

    Parameters
    ----------
    scheduler : `serial` (the default), `threads`, `processes` or `processes:N`, `local` or `local:N` (workers of
        dask.distributed on this machine), or the address of a dask scheduler whose workers see the same folder.

    Raises
    ------
    WorkbenchError
        There is no such name, or nobody answers at the address.

    Examples
    --------
    >>> with backend("threads") as here:
    ...     list(here.over(pow, [2, 3], 2))
    [4, 9]
    """
    name, _, number = (scheduler or "serial").partition(":")
    if name == "serial":
        yield Serial()
    elif name == "threads":
        yield Pooled(lambda: ThreadPoolExecutor(_workers(number), thread_name_prefix="buckets"), _workers(number))
    elif name == "processes":
        n = _workers(number)
        # A forked child of a process that has threads can wait for a lock that nobody holds.
        yield Pooled(lambda: ProcessPoolExecutor(n, mp_context=get_context("spawn")), n)
    elif name == "local" or "://" in (scheduler or ""):
        with _dask(str(scheduler), number) as client:
            yield Distributed(client)
    else:
        raise WorkbenchError(f"There is no scheduler {scheduler!r}.", f"Choose {SCHEDULERS}.")


@contextmanager
def _dask(scheduler: str, number: str) -> Iterator[Any]:
    need("scale", "A dask scheduler")
    from distributed import Client, LocalCluster

    # What there is to say of a worker that died is said here, in one line.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if "://" not in scheduler:
        n = _workers(number)
        # A worker that holds a bucket is as full as it was meant to be: dask is not to stop it for that.
        with (
            LocalCluster(n_workers=n, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout="20s")
    except (OSError, ValueError, TimeoutError) as error:
        raise WorkbenchError(
            f"{scheduler}: no dask scheduler answers there ({type(error).__name__}).",
            "Start one with dask scheduler, and workers with dask worker; all need the same versions and folders.",
        ) from error
    with client:
        yield client


def _given(value: Given) -> Given:
    return value


def _workers(number: str) -> int:
    import os

    if not number:
        return max(1, min(8, os.cpu_count() or 1))
    if not number.isdigit() or int(number) < 1:
        raise WorkbenchError(f"{number!r} is no number of workers.", "Write it behind the colon, such as processes:4.")
    return int(number)


def _given_up(what: str) -> WorkbenchError:
    return WorkbenchError(
        f"{what}; nothing is lost that was done before.",
        "Give workers more memory, or make more and smaller buckets; then run it again.",
    )
