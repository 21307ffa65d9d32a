"""Sends calls until each has an answer: every attempt written before it is sent, paid for within the budget, repeated
where that helps.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from workbench.errors import WorkbenchError
from workbench.judging.answers import Answer
from workbench.judging.budget import Budget
from workbench.judging.dialects import Dialect
from workbench.judging.endpoint import Endpoint, Reply
from workbench.judging.ledger import Leaving, Ledger, Sending, Settled
from workbench.judging.pace import Pace
from workbench.judging.prompt import Asking, Question, nonce_of
from workbench.judging.spec import JudgeSpec
from workbench.progress import Cancelled, Watch

MOST_ATTEMPTS = 4
"""Sendings of a call that were answered badly or not at all."""
MOST_READINGS = 2
"""Answers without a readable verdict after which a call is recorded as that."""
MOST_BUSY = 60
"""Times that a busy server is asked again for one call."""
REFUSED_AT_FIRST = 8
"""Calls a server may refuse as malformed, none having gone well, before the run ends."""
PATIENCE = 5.0
"""Seconds that calls in flight are waited for when the run ends early."""
GROUP = 0.01
"""Seconds over which records are written in one commit."""


@dataclass
class Tally:
    """What became of the calls so far.

    Attributes
    ----------
    states : final state -> calls.
    sent : sendings, repeats included.
    unsent : calls left out for the budget.
    usd : $ of these sendings.
    busy, broken : sendings that met a busy server, or no whole answer.
    """

    states: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    unsent: int = 0
    usd: float = 0.0
    busy: int = 0
    broken: int = 0


def key_of(spec: JudgeSpec, version: str, question: Question) -> str:
    """The call's key: the same contract, model, parameters, prompt, texts, order and sample have the same key."""
    state = blake2b(digest_size=20)
    for part in (spec.kind, version, question.request, question.first, question.second, str(question.sample)):
        encoded = part.encode("utf-8", "surrogatepass")
        state.update(len(encoded).to_bytes(8, "big") + encoded)
    return state.hexdigest()


def _cut_short(sending: Sending, left: bool) -> Settled:
    """What is known of a call whose run ended before its answer: paid as reserved if it left, else nothing."""
    state, paid = ("ambiguous", sending.reserved) if left else ("waiting", 0.0)
    return Settled(sending.key, state, paid, left, None, time.time(), left)


class Dispatch:
    """One judge being asked many questions.

    Parameters
    ----------
    endpoint, dialect, spec, asking : who is asked, and how.
    version : of the judge.
    ledger, budget : where calls are written and what they may cost.
    at_once : calls at once at the most.
    watch : is told how far it is.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        dialect: Dialect,
        spec: JudgeSpec,
        asking: Asking,
        *,
        version: str,
        ledger: Ledger,
        budget: Budget,
        at_once: int,
        watch: Watch,
    ) -> None:
        self.tally = Tally()
        self._endpoint, self._dialect, self._spec, self._asking = endpoint, dialect, spec, asking
        self._version, self._ledger, self._budget, self._watch = version, ledger, budget, watch
        self._pace, self._at_once = Pace(at_once), at_once
        self._records: list[Sending | Settled] = []
        self._written: list[asyncio.Future[None]] = []
        self._pending = asyncio.Event()
        self._closing = False
        self._done, self._of = 0, 0
        self._malformed = 0
        self._freed = asyncio.Event()
        self._end: Exception | None = None

    async def ask(self, questions: Sequence[tuple[str, Question]]) -> Tally:
        """Asks them all, each with its key; ends early where the budget is used up, and raises where the server can
        never answer.

        Raises
        ------
        WorkbenchError : the key is refused, the account is empty, or every call is refused as malformed.
        Cancelled : somebody asked to stop; what is recorded stays.
        """
        self._of = len(questions)
        waiting = iter(questions)
        writer = asyncio.create_task(self._write())
        self._closing = False
        workers = [asyncio.create_task(self._work(waiting)) for _ in range(min(self._at_once, len(questions)))]
        try:
            await self._until_done(workers)
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            # The writer ends by itself: cancelled in the middle of a commit, it would lose answers that were paid for.
            self._closing = True
            self._pending.set()
            await writer
        if self._end is not None:
            raise self._end
        self.tally.unsent += sum(1 for _ in waiting)
        return self.tally

    async def _until_done(self, workers: list[asyncio.Task[None]]) -> None:
        """Waits for the workers; once the run is to end, for at most `PATIENCE` more, so that calls in flight are not
        lost.
        """
        left = set(workers)
        while left:
            done, left = await asyncio.wait(left, timeout=0.2, return_when=asyncio.FIRST_EXCEPTION)
            for worker in done:
                if (error := worker.exception()) is not None and self._end is None:
                    self._end = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
            if self._end is not None:
                await asyncio.wait(left, timeout=PATIENCE) if left else None
                return
            self._tell()

    async def _work(self, waiting: Iterator[tuple[str, Question]]) -> None:
        for key, question in waiting:
            if self._end is not None:
                return
            if not await self._one(key, question):
                self.tally.unsent += 1
                return
            self._done += 1

    async def _one(self, key: str, question: Question) -> bool:
        """One call to its end; False where the budget does not allow it."""
        text = self._asking.system + self._asking.user(question, nonce_of(key))
        body = self._dialect.body(self._spec, self._asking, question, key)
        quoted = f"{question.first}\n{question.second}"
        attempts = readings = busy = 0
        while True:
            worst = self._budget.worst(text)
            if self._end is not None or not await self._reserved(worst):
                return False
            await self._pace.enter()
            sending = Sending(key, self._version, question.item, question.order, question.sample, worst, time.time())
            leaving = Leaving(self._ledger, sending)
            try:
                await self._record(sending)
                reply = await self._endpoint.send(body, leaving)
            except BaseException:
                self._pace.leave()
                self.tally.sent += leaving.left
                self._queue(_cut_short(sending, leaving.left))
                raise
            self._pace.leave(busy=reply.busy, wait=reply.wait)
            self.tally.sent += leaving.left
            answer = None if reply.payload is None else self._dialect.read(reply.payload, self._asking, quoted)
            usage = answer.usage if answer else None
            paid, guessed = self._budget.settle(worst, usage, answer is not None or reply.maybe_paid, text)
            self._freed.set()
            self.tally.usd += paid
            if answer is not None:
                attempts, readings = attempts + 1, readings + 1
                again = answer.state == "unreadable" and readings < MOST_READINGS
            else:
                self._end_where_hopeless(reply)
                self.tally.busy += reply.busy
                self.tally.broken += not reply.busy
                attempts, busy = attempts + (not reply.busy or reply.status == 0), busy + reply.busy
                again = reply.retry and attempts < MOST_ATTEMPTS and busy < MOST_BUSY
                state = "unreadable" if reply.status == 200 else "failed"
                answer = Answer(state=state, why=reply.problem)
            if not again:
                self.tally.states[answer.state] += 1
                self._queue(Settled(key, answer.state, paid, guessed, answer, time.time(), leaving.left))
                return True
            self._queue(Settled(key, "waiting", paid, guessed, None, time.time(), leaving.left))
            if not (reply.busy and reply.wait):
                await asyncio.sleep(min(8.0, 0.25 * 2 ** (attempts + min(busy, 5))) * random.uniform(0.5, 1.0))

    async def _reserved(self, amount: float) -> bool:
        """Sets money aside; where only calls in flight stand in the way, waits for them."""
        while not self._budget.reserve(amount):
            if self._budget.reserved <= 0:
                return False
            self._freed.clear()
            await self._freed.wait()
        return True

    def _end_where_hopeless(self, reply: Reply) -> None:
        good = sum(self.tally.states[s] for s in ("answered", "refused", "cut", "unreadable"))
        if reply.status in (401, 403) or reply.code == "insufficient_quota":
            raise WorkbenchError(
                f"{self._spec.host}: {reply.problem}.", "Check the key in the environment and the account."
            )
        if not reply.retry and good == 0:
            self._malformed += 1
            if self._malformed >= min(REFUSED_AT_FIRST, self._of) or reply.status == 404:
                raise WorkbenchError(
                    f"{self._spec.host} refuses every call ({reply.problem}).",
                    f"Check that it serves {self._spec.model} and takes structured answers.",
                )

    def _tell(self) -> None:
        figures = {"usd": self._budget.spent, "at_once": float(int(self._pace.limit))}
        try:
            self._watch.step(self._done, self._of, "Asking the judge", **figures)
        except Cancelled as stop:
            self._end = stop

    def _queue(self, record: Sending | Settled) -> None:
        self._records.append(record)
        self._pending.set()

    async def _record(self, record: Sending | Settled) -> None:
        """Queues a record and waits until it is on disk."""
        if isinstance(self._end, WorkbenchError):
            raise self._end
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._written.append(done)
        self._queue(record)
        await done

    async def _write(self) -> None:
        while self._records or not self._closing:
            await self._pending.wait()
            if not self._closing:
                await asyncio.sleep(GROUP)
            await self._flush()

    async def _flush(self) -> None:
        self._pending.clear()
        records, self._records = self._records, []
        written, self._written = self._written, []
        if not records:
            return
        try:
            await asyncio.to_thread(self._ledger.write, records)
        except Exception as error:  # whatever it is, nobody may wait for a record that will not be written
            self._end = error
            for waiter in written:
                if not waiter.done():
                    waiter.set_exception(error)
            return
        for waiter in written:
            if not waiter.done():
                waiter.set_result(None)
