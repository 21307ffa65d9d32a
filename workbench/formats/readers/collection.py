"""Labels collected by the workbench itself: one line for the batch, one an item, one a judgement."""

from __future__ import annotations

from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import SCALES
from workbench.errors import WorkbenchError
from workbench.formats.files.document import Document
from workbench.formats.records.nested import dict_of, number_of, text_of
from workbench.formats.records.record_collector import Harvest

NAME = "collection"
TITLE = "Workbench collection"
VERSION = "preference-workbench/1"
"""Stands in each line as `collected`."""


def recognise(document: Document) -> float:
    """Knows its own lines by the word that stands in each."""
    return 0.99 if {"collected", "row"} <= document.keys else 0.0


def read(document: Document) -> Export:
    """Last words of each person on each task and its planned repeat; what an undo superseded is counted, and stays in
    the file.
    """
    harvest = Harvest(document, NAME)
    scale_name, places = "five", {}
    for ref, record in harvest.records():
        if record.get("collected") != VERSION:
            harvest.set_aside("not a line of a collection", ref)
        elif record.get("row") == "batch":
            scale_name = text_of(record.get("scale")) or "five"
        elif record.get("row") == "item" and record.get("role") == "check":
            continue  # its text says what to choose: nothing to judge; its answers are counted below
        elif record.get("row") == "item":
            places[text_of(record.get("item"))] = _item(harvest, record)
        elif record.get("row") == "judgement":
            _judgement(harvest, record, ref, places)
        else:
            harvest.set_aside("a line of an unknown kind", ref)
    if scale_name not in SCALES:
        raise WorkbenchError(
            f"{document.name}: its labels stand on an unknown scale.", "Export it again from the store."
        )
    return harvest.export(SCALES[scale_name])


def _item(harvest: Harvest, record: dict[str, Any]) -> int:
    extra = {
        str(name): text_of(value)
        for name, value in dict_of(record.get("extra")).items()
        if str(name) in ("model_a", "model_b", "group") or str(name).startswith("slice.")
    }
    return harvest.item(
        item_id=text_of(record.get("source")),
        prompt=text_of(record.get("prompt")) or None,
        response_a=text_of(record.get("response_a")),
        response_b=text_of(record.get("response_b")),
        gold=text_of(record.get("gold")),
        **extra,
    )


def _judgement(harvest: Harvest, record: dict[str, Any], ref: int, places: dict[str | None, int]) -> None:
    item = places.get(text_of(record.get("item")))
    if record.get("role") == "check":
        harvest.set_aside("an attention check", ref, expected=True)
    elif record.get("superseded") is True:
        harvest.set_aside("superseded by an undo", ref, expected=True)
    elif item is None:
        harvest.set_aside("of an item that is not in the file", ref)
    else:
        active = number_of(record.get("active_ms"))
        harvest.judgement(
            item,
            text_of(record.get("label")),
            ref,
            annotator=text_of(record.get("annotator")),
            annotator_kind=text_of(record.get("kind")) or "human",
            shown_first=text_of(record.get("shown_first")),
            seconds=active / 1000,
            ended_at=record.get("received_at"),
            annotation_id=text_of(record.get("id")),
            reason=text_of(record.get("reason")) or None,
            batch=text_of(record.get("batch")),
            **{f"dim.{name}": text_of(value) for name, value in dict_of(record.get("dims")).items()},
        )
