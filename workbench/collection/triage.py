"""What a lead marks while reading items: the gold is wrong, there is no right answer, ask more people; with a note.

Marks are only ever added; the last one on an item holds. They belong to the data set the item was read in, or, where
that was collected here, to its batch, so that they stay while it grows.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import pandas as pd
from sqlalchemy import select

from workbench.collection import schema
from workbench.collection.adjudication import decide
from workbench.collection.store import Store, now_ms
from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError

Mark = Literal["gold wrong", "ambiguous", "relabel", "none"]
MARKS: dict[Mark, str] = {
    "gold wrong": "The gold answer is wrong",
    "ambiguous": "There is no right answer",
    "relabel": "Ask more people",
    "none": "Nothing (take a mark back)",
}
"""Marks and how a page names them."""


def mark(store: Store, source: str, item_id: str, as_: Mark, note: str = "", by: str = "lead") -> None:
    """Marks an item; of a batch of this store, the mark is an expert's decision at once.

    Parameters
    ----------
    source : key of the data set, or id of a batch.
    item_id : of the item in it.

    Raises
    ------
    WorkbenchError : there is no such mark.
    """
    if as_ not in get_args(Mark):
        raise WorkbenchError(f"There is no mark {as_!r}.", f"Choose one of {', '.join(MARKS)}.")
    with store.writing() as connection:
        connection.execute(
            schema.triage.insert().values(
                source=source, item=item_id, decision=as_, note=note[:4_000], by=by[:200], at=now_ms()
            )
        )
        item = schema.item
        row = connection.execute(
            select(item.c.id, item.c.role).where(item.c.batch == source, item.c.source_id == item_id)
        ).fetchone()
    if row is not None and as_ != "none" and (as_ != "gold wrong" or row.role == "gold"):
        decide(store, row.id, as_, rationale=note, expert=by)


def marks(store: Store, source: str) -> pd.DataFrame:
    """Marks that hold, the latest first: `item_id`, `mark`, `note`, `by`, `at` (UTC)."""
    table = schema.triage
    with store.reading() as connection:
        rows = connection.execute(select(table).where(table.c.source == source).order_by(table.c.seq)).fetchall()
    last: dict[str, Any] = {}
    for row in rows:
        last.pop(row.item, None)
        last[row.item] = row
    kept = [row for row in reversed(last.values()) if row.decision != "none"]
    return pd.DataFrame(
        {
            "item_id": [row.item for row in kept],
            "mark": [row.decision for row in kept],
            "note": [row.note for row in kept],
            "by": [row.by for row in kept],
            "at": pd.to_datetime([row.at for row in kept], unit="ms", utc=True),
        }
    )


def to_relabel(store: Store, source: str, data: AnnotationSet) -> list[int]:
    """Positions of the items of a data set that are marked to be asked of more people."""
    wanted = marks(store, source)
    names = wanted.loc[wanted["mark"] == "relabel", "item_id"]
    place = {str(name): i for i, name in enumerate(data.items["item_id"])}
    return [place[name] for name in names if name in place]
