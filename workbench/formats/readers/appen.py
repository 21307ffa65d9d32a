"""Appen (formerly Figure Eight and CrowdFlower) full reports, as CrowdTruth publishes them too: one row a judgement.

Columns that begin with an underscore are the platform's (`_unit_id`, `_worker_id`, `_started_at`, `_created_at`,
`_golden`, `_tainted`); of the others, those whose values differ within a unit are questions, the rest is the unit's
data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.flat import FlatTable
from workbench.formats.records.nested import text_of
from workbench.formats.records.times import elapsed, to_moment

NAME = "appen"
TITLE = "Appen / Figure Eight / CrowdTruth"

_NEEDED = {"_unit_id", "_worker_id"}
_MOST_BOXES = 60
_TRUE = {"true", "1", "yes"}


def recognise(document: Document) -> float:
    """Knows the platform's columns."""
    if not document.keys >= _NEEDED:
        return 0.0
    return 1.0 if document.shape != "xml" and "_created_at" in document.keys else 0.8


def read(document: Document) -> Export:
    """One judgement a row; tainted ones are set aside, gold columns (`<question>_gold`) become the unit's gold."""
    flat = FlatTable(document, NAME, "_unit_id", "_worker_id")
    if "_tainted" in flat:
        flat.drop(_is_true(flat["_tainted"]), "tainted judgements, which the platform itself does not count")
    data = [
        c
        for c in flat.columns
        if not c.startswith("_") and not c.endswith(("_gold", "_gold_reason")) and not c.startswith("orig_")
    ]
    questions = _questions(flat, data)
    columns: dict[str, Any] = {"annotator": flat.texts("_worker_id")}
    if "_id" in flat:
        columns["annotation_id"] = flat.texts("_id")
    if "_created_at" in flat:
        columns["ended_at"] = to_moment(flat["_created_at"])
        if "_started_at" in flat:
            times = elapsed(to_moment(flat["_started_at"]), columns["ended_at"])
            columns["seconds"] = times.seconds
            flat.harvest.findings += times.findings
    if "_golden" in flat and (golden := _is_true(flat["_golden"])).any():
        flat.harvest.note(
            "info",
            "test-questions",
            f"{int(golden.sum()):,} judgements are of test questions; they count like all others.",
            "",
            flat.ref[golden],
        )
    return flat.export(
        {q: _several(flat[q]) for q in questions},
        [c for c in data if c not in questions],
        columns,
        gold={
            q: _several(flat[f"{q}_gold"]) if _has_lines(flat[q]) else flat[f"{q}_gold"]
            for q in questions
            if f"{q}_gold" in flat
        },
    )


def _questions(flat: FlatTable, data: list[str]) -> list[str]:
    """Columns that have a gold column, or whose values differ within a unit."""
    with_gold = [c for c in data if f"{c}_gold" in flat]
    varying = [c for c in data if c not in with_gold and flat.varies(c)]
    return [*with_gold, *varying]


def _several(column: pd.Series) -> pd.Series:
    """Answers of several ticked boxes, one a line, as one category whatever the order in which they were ticked."""
    texts = column.map(text_of)
    lined = texts[[isinstance(text, str) and "\n" in text for text in texts]]
    if len(lined) == 0 or len({line.strip() for text in lined.unique() for line in text.split("\n")}) > _MOST_BOXES:
        return texts
    named = {text: ", ".join(sorted({line.strip() for line in text.split("\n")} - {""})) for text in lined.unique()}
    return texts.map(lambda text: named.get(text, text), na_action="ignore")


def _has_lines(column: pd.Series) -> bool:
    """Whether several boxes can be ticked; otherwise several lines of gold are alternatives."""
    return any(isinstance(text, str) and "\n" in text for text in column)


def _is_true(column: pd.Series) -> np.ndarray:
    return column.map(lambda v: (text_of(v) or "").lower() in _TRUE).to_numpy(bool)
