r"""Who may go on: a sequential test on gold and peers for each person, run as labels come.

The test holds two accuracies against each other, the crew's own and that of somebody who does not look, and stops at
the first of Wald's two lines (`workbench.annotators.sequential`). Its step for an answer that matches is
$\ln(p_\text{bad} / p_\text{good})$, else $\ln((1 - p_\text{bad}) / (1 - p_\text{good}))$, with the crew's rates on
gold and beside peers in place of $p_\text{good}$. Peers make it fast: on gold alone, a tenth of the tasks, it takes
several times as many.
Everything else found here (speed, side, a fall after a good beginning) makes a person watched, never paused.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

import numpy as np
from scipy.stats import binom
from sqlalchemy import select, update

from workbench.annotators.planning import Design
from workbench.annotators.sequential import SequentialTest
from workbench.annotators.speed import floor_seconds
from workbench.collection import schema
from workbench.collection.batches import give_back, settings_of
from workbench.collection.evidence import Answered, Given
from workbench.collection.record import Record
from workbench.collection.store import Store

State = Literal["new", "trusted", "watched", "paused"]
BLIND = 0.5
"""Chance to match of somebody who does not look: one of two sides. On scales with ties a random clicker matches less
often, and is found sooner."""
_PRIOR = 20.0
_RECENT = 20
_NOTED = 5
_SIDE_P = 1e-4
_FALL = 5.0


@dataclass(frozen=True)
class CrewRates:
    """How often the crew matches gold, and peers who agree.

    Attributes
    ----------
    gold, peers : rates, drawn towards what a crew of accuracy .8 would show by the weight of 20 answers.
    n_gold, n_peers : answers they rest on.
    """

    gold: float = 0.8
    peers: float = Design().matches_peers(0.8)
    n_gold: int = 0
    n_peers: int = 0


@dataclass(frozen=True)
class Standing:
    """How a person stands.

    Attributes
    ----------
    state : `new` (undecided), `trusted`, `watched` or `paused`.
    reason : what speaks for it, in words for the lead.
    ratio : log-likelihood ratio of the test so far, or at its decision.
    scored : answers it rests on.
    """

    state: State
    reason: str
    ratio: float
    scored: int


def standing(
    answered: Sequence[Answered], given: Sequence[Given], rates: CrewRates, test: SequentialTest | None = None
) -> Standing:
    """What a person's answers say so far.

    Parameters
    ----------
    answered : what could be held against gold or peers, in order.
    given : all answers, for speed and side.
    rates : of the crew.
    test : its error rates and lines.

    >>> wrong = [Answered("gold", False)] * 4
    >>> standing(wrong, [], CrewRates()).state, standing(wrong[:1], [], CrewRates()).state
    ('paused', 'new')
    """
    test = test or SequentialTest(alpha=0.03)
    weight = {each: _step(each, rates) for each in set(answered)}
    steps = np.array([weight[each] for each in answered])
    path = np.cumsum(steps)
    crossed = np.flatnonzero((path >= test.flag_at - 1e-9) | (path <= test.clear_at + 1e-9))
    last = float(path[-1]) if len(path) else 0.0
    if len(crossed) and path[crossed[0]] > 0:
        n = int(crossed[0]) + 1
        return Standing("paused", f"{_matches(answered[:n])}: as rare as from somebody who does not look", last, n)
    watched = _fall(steps[int(crossed[0]) + 1 :]) if len(crossed) else ""
    watched = watched or _too_fast(given) or _one_side(given)
    if not watched and not len(crossed) and last >= test.flag_at / 2:
        watched = f"{_matches(answered)}: half way to a pause"
    if watched:
        return Standing("watched", watched, last, len(answered))
    if len(crossed):
        return Standing("trusted", _matches(answered), last, len(answered))
    return Standing(
        "new", f"{_matches(answered)}: undecided" if answered else "nothing to judge by yet", last, len(answered)
    )


def crew_rates(record: Record, paused: Collection[str] = ()) -> CrewRates:
    """The rates of everybody in a batch who is not paused."""
    total = Counter[Answered]()
    for who in record.people():
        if who not in paused:
            total.update(record.counts(who))
    prior = CrewRates()
    n_gold, n_peers = (total[Answered(by, True)] + total[Answered(by, False)] for by in ("gold", "peers"))
    return CrewRates(
        gold=_drawn(total[Answered("gold", True)], n_gold, prior.gold),
        peers=_drawn(total[Answered("peers", True)], n_peers, prior.peers),
        n_gold=n_gold,
        n_peers=n_peers,
    )


class Monitor:
    """Keeps watch over the people of a store; one object a process."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._records: dict[str, Record] = {}
        self._one_at_a_time = Lock()

    def after(self, annotator: str, item: str | None = None) -> None:
        """Looks again at whoever just answered, and at those whose answers to the same item this says something about.

        A pause gives the person's open items to others. What the lead decided is left alone.
        """
        who = schema.annotator
        with self._one_at_a_time, self.store.reading() as connection:
            person = connection.execute(select(who).where(who.c.id == annotator)).one()
            batch = connection.execute(select(schema.batch).where(schema.batch.c.id == person.batch)).one()
            record = self._records.setdefault(batch.id, Record(batch.id))
            record.read(connection)
            crew = connection.execute(select(who).where(who.c.batch == batch.id)).fetchall()
            rates = crew_rates(record, {row.id for row in crew if row.state == "paused"})
            looked_at = {annotator} | (record.judges_of(item) if item is not None else set())
            test = SequentialTest(alpha=settings_of(batch).alpha)
            found = [
                (row, standing(record.answered(row.id), record.given(row.id), rates, test))
                for row in crew
                # Answers of others may still speak for somebody paused, but it is the lead who lets people in again.
                if row.id in looked_at and row.state_by == "test" and row.kind != "expert" and row.state != "paused"
            ]
        for row, now in found:
            # The reason counts on; every few answers are often enough for those who read it.
            if now.state != row.state or (now.reason != row.state_reason and now.scored % _NOTED == 0):
                self._set(row, now)

    def _set(self, row: Any, now: Standing) -> None:
        who = schema.annotator
        with self.store.writing() as connection:
            connection.execute(
                update(who)
                .where(who.c.id == row.id, who.c.state_by == "test")
                .values(state=now.state, state_reason=now.reason)
            )
            if now.state != row.state:
                given_up = give_back(connection, row.id) if now.state == "paused" else 0
                self.store.note(
                    connection, now.state, row.batch, row.id, scored=now.scored, done=row.done, given_back=given_up
                )


def pauses_in_doubt(store: Store, batch: str) -> list[str]:
    """Names of people the test has paused and would not pause on what is known today: gold was repaired since, or peers
    came to agree with them. The lead lets them in again, or not.
    """
    who = schema.annotator
    with store.reading() as connection:
        row = store.the_batch(connection, batch)
        crew = connection.execute(select(who).where(who.c.batch == row.id, who.c.state == "paused")).fetchall()
        if not crew:
            return []
        record = Record(row.id)
        record.read(connection)
    rates = crew_rates(record, {each.id for each in crew})
    test = SequentialTest(alpha=settings_of(row).alpha)
    return [
        each.name
        for each in crew
        if each.state_by == "test"
        and standing(record.answered(each.id), record.given(each.id), rates, test).state != "paused"
    ]


def decide_by_lead(store: Store, annotator: str, state: State, reason: str) -> None:
    """The lead's word on a person; the test leaves it alone from now on."""
    who = schema.annotator
    with store.writing() as connection:
        connection.execute(
            update(who).where(who.c.id == annotator).values(state=state, state_reason=reason[:400], state_by="lead")
        )
        given_up = give_back(connection, annotator) if state == "paused" else 0
        store.note(connection, f"{state} by lead", who=annotator, given_back=given_up)


def _step(answer: Answered, rates: CrewRates) -> float:
    good = rates.gold if answer.by == "gold" else rates.peers
    bad = min(BLIND, good - 0.1)
    return math.log(bad / good) if answer.right else math.log((1 - bad) / (1 - good))


def _drawn(right: int, n: int, towards: float) -> float:
    return float(np.clip((right + _PRIOR * towards) / (n + _PRIOR), 0.6, 0.97))


def _matches(answered: Sequence[Answered]) -> str:
    gold = [each.right for each in answered if each.by == "gold"]
    peers = [each.right for each in answered if each.by == "peers"]
    parts = [f"{sum(gold)} of {len(gold)} gold right"] if gold else []
    parts += [f"{sum(peers)} of {len(peers)} with peers who agree"] if peers else []
    return ", ".join(parts)


def _fall(steps: np.ndarray) -> str:
    """Whether matches became rare after the test had cleared somebody (Page's cumulative sum)."""
    total = 0.0
    for step in steps:
        total = max(0.0, total + float(step))
        if total >= _FALL:
            return "matches gold and peers clearly less often than at first"
    return ""


def _too_fast(given: Sequence[Given]) -> str:
    recent = [each for each in given[-_RECENT:] if each.active_ms is not None]
    if len(recent) < _RECENT:
        return ""
    floors = floor_seconds(np.array([each.words for each in recent]))
    fast = int(sum(each.active_ms / 1000 < floor for each, floor in zip(recent, floors, strict=True)))  # type: ignore[operator]
    return f"{fast} of the last {_RECENT} answers faster than the texts can be read" if fast > _RECENT / 2 else ""


def _one_side(given: Sequence[Given]) -> str:
    sides = [each.choice.startswith("left") for each in given if each.choice not in ("=", "skip")]
    if len(sides) < 30:
        return ""
    most = max(sum(sides), len(sides) - sum(sides))
    p = 2 * float(binom.sf(most - 1, len(sides), 0.5))
    return f"{most} of {len(sides)} choices for one side of the screen" if p < _SIDE_P else ""
