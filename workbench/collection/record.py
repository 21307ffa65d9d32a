"""The answers of a batch as they come, in memory and without their texts: read once, and from then on only what is new.

What an answer says about its person is kept beside it and counted again only where the votes on its item change, so
that a look at somebody costs the same on the first day as after a hundred thousand labels.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import Connection, func, select

from workbench.collection import schema
from workbench.collection.evidence import Answered, Given, given_answers, held_against

_LATE = {"sqlite": 0, "postgresql": 64}
"""Judgements back from the newest that are read again: PostgreSQL numbers a row before it commits it."""


class Record:
    """What the people of a batch have answered.

    Attributes
    ----------
    batch : its id.
    """

    def __init__(self, batch: str) -> None:
        self.batch = batch
        self._verdicts = 0
        self._seen: set[int] = set()
        self._clear()

    def read(self, connection: Connection) -> None:
        """Takes in what came since; all of it again where an expert has changed what is held right."""
        verdict = schema.verdict
        decided = connection.execute(
            select(func.count()).select_from(verdict).where(verdict.c.batch == self.batch)
        ).scalar_one()
        if decided != self._verdicts:
            self._verdicts = int(decided)
            self._clear()
        back = _LATE[connection.dialect.name]
        for each in given_answers(connection, batch=self.batch, after=max(self._newest - back, 0)):
            if each.place not in self._seen:
                self._take(each)
        self._seen = {place for place in self._seen if place > self._newest - back}

    def given(self, annotator: str) -> list[Given]:
        """Last words of a person on each task, in the order the tasks were first answered."""
        return list(self._given[annotator].values())

    def answered(self, annotator: str) -> list[Answered]:
        """Those of them that can be held against gold or peers, and how they come out."""
        found = self._found[annotator]
        return [found[lease] for lease in self._given[annotator] if lease in found]

    def counts(self, annotator: str) -> Counter[Answered]:
        """How many of each."""
        return self._counts[annotator]

    def people(self) -> list[str]:
        """Everybody who has answered."""
        return list(self._given)

    def judges_of(self, item: str) -> set[str]:
        """Who has answered an item."""
        return {each.annotator for each in self._votes[item].values()}

    def _clear(self) -> None:
        self._newest = 0
        self._seen = set()
        self._given: dict[str, dict[str, Given]] = defaultdict(dict)
        self._votes: dict[str, dict[str, Given]] = defaultdict(dict)
        self._found: dict[str, dict[str, Answered]] = defaultdict(dict)
        self._counts: dict[str, Counter[Answered]] = defaultdict(Counter)

    def _take(self, each: Given) -> None:
        self._seen.add(each.place)
        self._newest = max(self._newest, each.place)
        earlier = self._given[each.annotator].get(each.lease)
        if earlier is not None and earlier.place > each.place:
            return
        self._given[each.annotator][each.lease] = each
        votes = self._votes[each.item]
        votes[each.lease] = each
        for vote in votes.values():
            others = [other.label for other in votes.values() if other.annotator != vote.annotator]
            self._hold(vote, held_against([vote], {each.item: others}))

    def _hold(self, vote: Given, found: list[Answered]) -> None:
        held, counts = self._found[vote.annotator], self._counts[vote.annotator]
        before = held.pop(vote.lease, None)
        if before is not None:
            counts[before] -= 1
        if found:
            held[vote.lease] = found[0]
            counts[found[0]] += 1
