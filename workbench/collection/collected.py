"""What was collected: as lines of a file, and as the annotation set that the same file would give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from workbench.collection import schema
from workbench.collection.batches import scale_of_batch
from workbench.collection.store import Store
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.assembly import assemble
from workbench.drafts import drafted
from workbench.errors import WorkbenchError
from workbench.formats import read_guarded
from workbench.formats.files.document import Document
from workbench.formats.readers import collection
from workbench.formats.readers.collection import VERSION

JUDGED = tuple(c.name for c in schema.judgement.columns if c.name not in ("seq", "batch", "item", "annotator", "lease"))
"""Columns of a judgement that leave the store as they are."""


def lines(store: Store, batch: str | None = None) -> Iterator[dict[str, Any]]:
    """The batch, the items that were judged, and every judgement in order, superseded ones too.

    Parameters
    ----------
    batch : its id or name; None = the only one.
    """
    j, item, who = schema.judgement, schema.item, schema.annotator
    with store.reading() as connection:
        row = store.the_batch(connection, batch)
        yield {
            "collected": VERSION,
            "row": "batch",
            "batch": row.id,
            "name": row.name,
            "scale": scale_of_batch(row).name,
        }
        judged = select(j.c.item).where(j.c.batch == row.id).distinct()
        for each in connection.execute(select(item).where(item.c.id.in_(judged)).order_by(item.c.place, item.c.id)):
            yield {
                "collected": VERSION,
                "row": "item",
                "item": each.id,
                "source": each.source_id,
                "role": each.role,
                "prompt": each.prompt,
                "response_a": each.response_a,
                "response_b": each.response_b,
                "gold": each.known if each.role == "gold" else None,
                "extra": each.extra,
            }
        over = set(
            connection.execute(select(j.c.supersedes).where(j.c.batch == row.id, j.c.supersedes.is_not(None))).scalars()
        )
        people = {p.id: p for p in connection.execute(select(who).where(who.c.batch == row.id))}
        roles = {r.id: r.role for r in connection.execute(select(item.c.id, item.c.role).where(item.c.id.in_(judged)))}
        for each in connection.execute(select(j).where(j.c.batch == row.id).order_by(j.c.seq)):
            person = people[each.annotator]
            yield {
                "collected": VERSION,
                "row": "judgement",
                "batch": row.id,
                "item": each.item,
                "role": roles[each.item],
                "annotator": person.name,
                "kind": person.kind,
                "superseded": each.id in over,
                **{name: getattr(each, name) for name in JUDGED},
            }


def file_name(store: Store, batch: str | None = None) -> str:
    """What the file of a batch is called."""
    with store.reading() as connection:
        return f"collection-{store.the_batch(connection, batch).id}.jsonl"


def write_collected(store: Store, to: Path, batch: str | None = None) -> int:
    """Writes the file, whole or not at all; the number of judgements in it."""
    n = 0
    with drafted(to) as draft, draft.open("w", encoding="utf-8", newline="\n") as out:
        for line in lines(store, batch):
            out.write(_text(line) + "\n")
            n += line["row"] == "judgement"
    return n


def collected_text(store: Store, batch: str | None = None) -> str:
    """The file's content, for a download."""
    return "".join(_text(line) + "\n" for line in lines(store, batch))


def collected(store: Store, batch: str | None = None) -> AnnotationSet:
    """The labels so far, as an annotation set; the same as that of the exported file, key and all.

    Raises
    ------
    WorkbenchError
        Nothing has been judged yet.
    """
    # Through text and back, as the file goes: one path, one answer.
    records = [json.loads(_text(line)) for line in lines(store, batch)]
    if not any(record["row"] == "judgement" for record in records):
        raise WorkbenchError("Nothing has been judged in this batch yet.", "Send the links, and look again later.")
    document = Document(name=file_name(store, batch), shape="records", content=records, extension="jsonl")
    return assemble([read_guarded(collection, document)])


def _text(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, allow_nan=False)
