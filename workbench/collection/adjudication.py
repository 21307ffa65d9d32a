"""Items that experts decide: which ones, what they are shown, and what becomes of their word.

An expert's label is one more judgement of kind `expert`; it never takes the place of what the crew said. A gold answer
an expert finds wrong is repaired, an item can be called ambiguous, or be put back for more labels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from workbench.collection import schema
from workbench.collection.batches import scale_of_batch
from workbench.collection.evidence import Given, given_answers
from workbench.collection.store import Store, now_ms
from workbench.errors import WorkbenchError

Decision = Literal["label", "gold wrong", "ambiguous", "relabel"]
DECISIONS: tuple[Decision, ...] = ("label", "gold wrong", "ambiguous", "relabel")


@dataclass(frozen=True, kw_only=True)
class Contested:
    """One item to decide.

    Attributes
    ----------
    item : opaque id. `source_id` : its id in the pool.
    role, known : `regular` or `gold`, and the answer that is held right.
    why : `people disagree`, `people contradict the gold answer` or `flagged by an annotator`.
    votes : labels it has, most frequent first, as (label, n); without names, so that they do not sway.
    reasons : what people wrote.
    prompt, response_a, response_b : the texts.
    urgency : share of votes against the leading side, or against gold.
    """

    item: str
    source_id: str
    role: str
    known: str | None
    why: str
    votes: tuple[tuple[str, int], ...]
    reasons: tuple[str, ...]
    prompt: str
    response_a: str
    response_b: str
    urgency: float


def contested(store: Store, batch: str | None = None, most: int = 200) -> list[Contested]:
    """Items to decide, the most urgent first: people disagree on the side, contradict a gold answer, or flagged it.

    What an expert decided already is left out.
    """
    with store.reading() as connection:
        row = store.the_batch(connection, batch)
        answers = given_answers(connection, batch=row.id)
        decided = set(
            connection.execute(select(schema.verdict.c.item).where(schema.verdict.c.batch == row.id)).scalars()
        )
        flagged, reasons = _flags_and_reasons(connection, row.id)
        by_item: dict[str, list[Given]] = defaultdict(list)
        for each in answers:
            if each.label is not None and each.role != "check":
                by_item[each.item].append(each)
        ranked = sorted(
            (
                (urgency, why, item)
                for item, votes in by_item.items()
                if item not in decided
                for urgency, why in [_urgency(votes, item in flagged)]
                if why
            ),
            key=lambda found: (-found[0], found[2]),
        )[:most]
        items = {
            each.id: each
            for each in connection.execute(
                select(schema.item).where(schema.item.c.id.in_([item for _, _, item in ranked]))
            )
        }
    return [
        Contested(
            item=item,
            source_id=items[item].source_id,
            role=items[item].role,
            known=items[item].known,
            why=why,
            votes=tuple(Counter(each.label or "" for each in by_item[item]).most_common()),
            reasons=tuple(reasons.get(item, ())),
            prompt=items[item].prompt,
            response_a=items[item].response_a,
            response_b=items[item].response_b,
            urgency=urgency,
        )
        for urgency, why, item in ranked
    ]


def decide(
    store: Store,
    item: str,
    decision: Decision,
    *,
    label: str | None = None,
    rationale: str = "",
    expert: str = "lead",
    more: int = 2,
) -> None:
    """Writes an expert's word down.

    Parameters
    ----------
    item : opaque id.
    decision : `label` gives the item its label; `gold wrong` gives gold another answer, or none; `ambiguous` says that
        there is none; `relabel` asks `more` people.
    label : towards A and B; needed for `label`.

    Raises
    ------
    WorkbenchError
        There is no such item, or the label is not on the batch's scale.
    """
    table = schema.item
    with store.writing() as connection:
        row = connection.execute(select(table).where(table.c.id == item)).fetchone()
        if row is None:
            raise WorkbenchError(f"There is no item {item[:40]}.", "Choose one of the list.")
        batch = connection.execute(select(schema.batch).where(schema.batch.c.id == row.batch)).one()
        labels = scale_of_batch(batch).labels
        if (decision == "label" or label is not None) and label not in labels:
            raise WorkbenchError(f"{label!r} is no label of this batch.", f"Choose one of {', '.join(labels)}.")
        connection.execute(
            schema.verdict.insert().values(
                batch=row.batch,
                item=item,
                decision=decision,
                label=label,
                rationale=rationale[:4_000],
                expert=expert[:200],
                at=now_ms(),
            )
        )
        if decision == "gold wrong" or (row.role == "gold" and decision == "ambiguous"):
            repaired = label if decision == "gold wrong" else None
            # Gold without an answer tests nobody: it becomes an ordinary item that nobody else is asked.
            role = "gold" if repaired is not None else "regular"
            connection.execute(update(table).where(table.c.id == item).values(known=repaired, role=role))
        if decision == "relabel" and row.role == "regular":
            want = max(row.want, row.held) + max(int(more), 1)
            connection.execute(update(table).where(table.c.id == item).values(want=want, wanting=row.held < want))
        store.note(connection, f"expert: {decision}", row.batch)


def verdicts(store: Store, batch: str | None = None) -> list[dict[str, Any]]:
    """What experts decided, in order: `item`, `source_id`, `decision`, `label`, `rationale`, `expert`, `at`."""
    table = schema.verdict
    with store.reading() as connection:
        row = store.the_batch(connection, batch)
        found = connection.execute(
            select(table, schema.item.c.source_id)
            .join(schema.item, schema.item.c.id == table.c.item)
            .where(table.c.batch == row.id)
            .order_by(table.c.seq)
        )
        return [
            {
                name: getattr(each, name)
                for name in ("item", "source_id", "decision", "label", "rationale", "expert", "at")
            }
            for each in found
        ]


def _urgency(votes: list[Given], flagged: bool) -> tuple[float, str]:
    """How much the votes speak against what would be taken for right, and why an expert should look."""
    sides = [(each.label or "=")[0] for each in votes]
    known = votes[0].known
    if known is not None:
        against = sum(side != known[0] for side in sides) / len(sides)
        if len(sides) >= 3 and against > 0.5:
            return 1.0 + against, "people contradict the gold answer"
    elif {"A", "B"} <= set(sides):
        lead = max(sides.count("A"), sides.count("B"))
        return 1.0 - lead / len(sides), "people disagree"
    return (0.25, "flagged by an annotator") if flagged else (0.0, "")


def _flags_and_reasons(connection: Connection, batch: str) -> tuple[set[str], dict[str, list[str]]]:
    j = schema.judgement
    flagged: set[str] = set()
    reasons: dict[str, list[str]] = defaultdict(list)
    for each in connection.execute(select(j.c.item, j.c.reason, j.c.extra).where(j.c.batch == batch).order_by(j.c.seq)):
        if (each.extra or {}).get("flagged"):
            flagged.add(each.item)
        if each.reason:
            reasons[each.item].append(each.reason)
    return flagged, reasons
