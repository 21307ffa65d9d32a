"""Crowd judgements in the standardized tables of Snow et al. (2008) as the get-another-label collection publishes them.

Snow, O'Connor, Jurafsky and Ng, "Cheap and Fast - But is it Good?", EMNLP 2008. Columns `!amt_annotation_ids`,
`!amt_worker_ids`, `orig_id`, `response`, `gold`, `start`, `end`; labels are categories. Start and end are placeholders.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.errors import counted
from workbench.formats.files.document import Document
from workbench.formats.records.nested import label_of, text_of
from workbench.formats.records.record_collector import Harvest
from workbench.formats.records.times import elapsed, to_moment

NAME = "snow"
TITLE = "Snow et al. (2008) crowd judgements"

_NEEDED = {"!amt_worker_ids", "orig_id", "response"}
_PROMPT = ("text", "hypothesis", "event1", "event2", "headline", "sentence")


def recognise(document: Document) -> float:
    """Knows the column names, which begin with an exclamation mark."""
    return 1.0 if document.keys >= _NEEDED else 0.0


def read(document: Document) -> Export:
    """One judgement a row; the item is `orig_id` (the column `task` is not), the labels are categories without
    sides.
    """
    harvest = Harvest(document, NAME)
    table = document.table
    if not {str(c) for c in table.columns} >= _NEEDED:
        return harvest.export(None, frames=(pd.DataFrame(), pd.DataFrame()))
    known = table["orig_id"].map(text_of).notna().to_numpy(bool)
    for position in (~known).nonzero()[0]:
        harvest.set_aside("no orig_id", int(position) + document.first_row)
    ref = pd.Series(range(document.first_row, document.first_row + len(table)))[known].to_numpy()
    table = table.loc[known].reset_index(drop=True)
    item_row, names = pd.factorize(table["orig_id"].map(text_of))
    first = table.iloc[np.unique(item_row, return_index=True)[1]].reset_index(drop=True)
    items = pd.DataFrame({"item_id": pd.Series(names).astype("str")})
    shown = [c for c in _PROMPT if c in first]
    if shown:
        parts = [first[c].map(text_of) for c in shown]
        items["prompt"] = [
            "\n\n".join(p for p in row if isinstance(p, str) and p) or None for row in zip(*parts, strict=True)
        ]
    if "task" in first and len(first["task"].dropna().unique()) > 1:
        items["slice.task"] = first["task"].map(text_of)
    if "gold" in table:
        items["gold"] = first["gold"].map(label_of)
        contradicted = (
            table.assign(gold=table["gold"].map(label_of), item=item_row).groupby("item")["gold"].nunique().to_numpy()
            >= 2
        )
        if contradicted.any():
            items.loc[contradicted, "gold"] = None
            harvest.note(
                "warning",
                "gold-contradicts-itself",
                f"The gold of {counted(int(contradicted.sum()), 'item')} contradicts itself and is not used.",
                "Decide which gold label is right.",
            )
    rows = pd.DataFrame(
        {
            "item_row": item_row,
            "label": table["response"].map(label_of),
            "annotator": table["!amt_worker_ids"].map(text_of),
            "ref": ref,
        }
    )
    if "!amt_annotation_ids" in table:
        rows["annotation_id"] = table["!amt_annotation_ids"].map(text_of)
    if "start" in table and "end" in table:
        ended = to_moment(table["end"])
        times = elapsed(to_moment(table["start"]), ended)
        harvest.findings += times.findings
        if not any(f.code == "no-usable-times" for f in times.findings):
            rows["seconds"], rows["ended_at"] = times.seconds, ended
    return harvest.export(None, sides=False, frames=(items, rows))
