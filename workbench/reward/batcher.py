"""Gathers what many ask for at the same time into batches for one model, which scores one batch after another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from workbench.errors import WorkbenchError
from workbench.reward.best_of_n import Scorer
from workbench.reward.chat import Words


class Busy(Exception):
    """So many texts wait already that another would wait too long."""


@dataclass(frozen=True, eq=False)
class _Asked:
    prompt: Sequence[Words]
    response: Sequence[Words]
    answer: asyncio.Future[np.ndarray]


class Batcher:
    """Scores what is asked for, in batches.

    A batch begins with what waits longest and takes on what else is there, or comes within `wait`, up to `most` texts.

    Parameters
    ----------
    model : scores texts; it is called by one thread at a time.
    most : texts of a batch; a request of more is scored in several.
    wait : seconds that the first of a batch waits for others at most.
    room : texts that may wait; beyond them requests are turned away.
    """

    def __init__(self, model: Scorer, *, most: int = 32, wait: float = 0.005, room: int = 4_096) -> None:
        self.model, self.most, self.wait, self.room = model, most, wait, room
        self.waiting = 0
        self.scored = 0
        self.batches = 0
        self._queue: asyncio.Queue[_Asked] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scoring")

    async def score(self, prompt: Sequence[Words], response: Sequence[Words]) -> np.ndarray:
        """Score of each response, float64 (n,).

        Raises
        ------
        Busy
            Too many wait.
        WorkbenchError
            The model takes no such texts.
        """
        if not len(response):
            return np.empty(0)
        if self.waiting + len(response) > self.room:
            raise Busy
        asked = _Asked(prompt, response, asyncio.get_running_loop().create_future())
        self.waiting += len(response)
        try:
            await self._queue.put(asked)
            return await asked.answer
        finally:
            self.waiting -= len(response)

    async def work(self) -> None:
        """Scores batches until it is cancelled."""
        while True:
            batch = [await self._queue.get()]
            texts, until = len(batch[0].response), asyncio.get_running_loop().time() + self.wait
            while texts < self.most:
                left = until - asyncio.get_running_loop().time()
                try:
                    each = await asyncio.wait_for(self._queue.get(), left) if left > 0 else self._queue.get_nowait()
                except (TimeoutError, asyncio.QueueEmpty):
                    break
                batch.append(each)
                texts += len(each.response)
            await self._answer([each for each in batch if not each.answer.cancelled()])

    async def _answer(self, batch: list[_Asked]) -> None:
        if not batch:
            return
        try:
            found = await self._scores(batch)
        except Exception:  # one request that cannot be read must not fail its neighbours
            if len(batch) == 1:
                batch[0].answer.set_exception(_told())
                return
            for each in batch:
                await self._answer([each])
            return
        self.batches += 1
        for each, part in zip(batch, np.split(found, np.cumsum([len(b.response) for b in batch])[:-1]), strict=True):
            self.scored += len(part)
            if not each.answer.done():
                each.answer.set_result(part)

    async def _scores(self, batch: list[_Asked]) -> np.ndarray:
        prompt = [words for each in batch for words in each.prompt]
        response = [words for each in batch for words in each.response]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.model.score, prompt, response)

    def close(self) -> None:
        """Lets the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _told() -> WorkbenchError:
    """The error in hand, without any text it may hold."""
    import sys

    error = sys.exc_info()[1]
    if isinstance(error, WorkbenchError):
        return error
    return WorkbenchError(f"These texts cannot be scored ({type(error).__name__}).", "Check prompt and response.")
