"""What a person's answers show about the person, in order: right or wrong on gold, with or against peers who agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, func, select

from workbench.collection import schema


@dataclass(frozen=True)
class Answered:
    """One answer that can be held against something.

    Attributes
    ----------
    by : `gold` (a known answer, attention checks included) or `peers` (two or more others who agree).
    right : whether it matches.
    """

    by: Literal["gold", "peers"]
    right: bool


@dataclass(frozen=True, kw_only=True)
class Given:
    """The last word of a person on one task.

    Attributes
    ----------
    lease : the task.
    annotator, item, role, known : who, on what, the item's role and its known label.
    label : towards A and B; None for a skip.
    choice : as shown.
    active_ms : time the page was looked at; None where unknown.
    words : words of the item's texts, as its spaces count them.
    place : of the judgement in the store.
    """

    lease: str
    annotator: str
    item: str
    role: str
    known: str | None
    label: str | None
    choice: str
    active_ms: int | None
    words: int
    place: int


def given_answers(
    connection: Connection, *, annotator: str | None = None, batch: str | None = None, after: int = 0
) -> list[Given]:
    """First-round answers of a person, or of everybody in a batch, in order; what an undo changed counts as changed.

    Parameters
    ----------
    after : only judgements with a greater number in the store.
    """
    j, item = schema.judgement, schema.item
    query = (
        select(
            j.c.seq,
            j.c.lease,
            j.c.annotator,
            j.c.item,
            j.c.label,
            j.c.choice,
            j.c.active_ms,
            item.c.role,
            item.c.known,
            _words(item).label("words"),
        )
        .join(item, item.c.id == j.c.item)
        .where(j.c.round == 0, j.c.seq > after)
        .order_by(j.c.seq)
    )
    query = query.where(j.c.annotator == annotator) if annotator else query.where(j.c.batch == batch)
    return _last_words(connection.execute(query))


def held_against(given: Sequence[Given], peers: dict[str, list[str | None]]) -> list[Answered]:
    """Which of a person's answers can be judged, and how they come out.

    Gold: the side must match, or the tie. Peers: two others or more who all name one side; where they do not, the item
    says nothing about the person. A skip is no answer.

    >>> a = Given(
    ...     lease="l",
    ...     annotator="x",
    ...     item="i",
    ...     role="regular",
    ...     known=None,
    ...     label="A>",
    ...     choice="left>",
    ...     active_ms=None,
    ...     words=9,
    ...     place=1,
    ... )
    >>> held_against([a], {"i": ["A>>", "A>"]}), held_against([a], {"i": ["A>", "B>"]})
    ([Answered(by='peers', right=True)], [])
    """
    found = []
    for answer in given:
        if answer.label is None:
            continue
        if answer.known is not None:
            found.append(Answered("gold", answer.label[0] == answer.known[0]))
            continue
        sides = [label[0] for label in peers.get(answer.item, ()) if label is not None]
        if len(sides) >= 2 and len(set(sides)) == 1 and sides[0] != "=":
            found.append(Answered("peers", answer.label[0] == sides[0]))
    return found


def _last_words(rows: Iterable[Any]) -> list[Given]:
    last: dict[str, Given] = {}
    for row in rows:
        last[row.lease] = Given(
            lease=row.lease,
            annotator=row.annotator,
            item=row.item,
            role=row.role,
            known=row.known,
            label=row.label,
            choice=row.choice,
            active_ms=row.active_ms,
            words=int(row.words),
            place=row.seq,
        )
    return list(last.values())


def _words(item: Any) -> Any:
    """Words of an item's texts by their spaces, counted in the database: the texts themselves are not read."""
    lengths = [
        func.length(text) - func.length(func.replace(text, " ", "")) + 1
        for text in (item.c.prompt, item.c.response_a, item.c.response_b)
    ]
    return lengths[0] + lengths[1] + lengths[2]
