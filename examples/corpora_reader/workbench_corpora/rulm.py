"""Russian human preferences collected on Toloka (rulm_human_preferences): one judgement a row, or aggregated ones."""

from __future__ import annotations

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.formats.files.document import Document
from workbench.formats.records.nested import label_of, text_of
from workbench.formats.records.record_collector import Harvest

NAME = "rulm"
TITLE = "rulm human preferences"

_SPELLING = {"left": "A", "right": "B", "equal": "="}
_BAD_TASK = "incorrect"


def recognise(document: Document) -> float:
    """Knows the left and right answers and the result."""
    return 0.95 if {"result", "left_answer", "right_answer"} <= document.keys else 0.0


def read(document: Document) -> Export:
    """One judgement a row, left shown first; `incorrect` says that the task makes no sense, and counts as a skip."""
    harvest = Harvest(document, NAME)
    aggregated = "worker_id" not in document.keys
    nonsense = []
    for ref, record in harvest.records():
        left, right = text_of(record.get("left_answer")), text_of(record.get("right_answer"))
        if left is None or right is None:
            harvest.set_aside("an answer is missing", ref)
            continue
        prompt = "\n\n".join(
            part for part in (text_of(record.get("instruction")), text_of(record.get("input"))) if part
        )
        item = harvest.item(
            prompt=prompt or None,
            response_a=left,
            response_b=right,
            model_a=text_of(record.get("left_model")),
            model_b=text_of(record.get("right_model")),
        )
        label = label_of(record.get("result"))
        if label == _BAD_TASK:
            nonsense.append(ref)
            label = None
        worker = "published majority" if aggregated else text_of(record.get("worker_id"))
        harvest.judgement(item, label, ref, annotator=worker, shown_first="a", batch=text_of(record.get("pool_id")))
    if nonsense:
        harvest.note(
            "info",
            "task-called-incorrect",
            f"{len(nonsense):,} judgements call the task incorrect; they count as skips, not as ties.",
            "",
            nonsense,
        )
    if aggregated:
        harvest.note(
            "info",
            "published-majority",
            "The file names no workers: its results are majorities, and count as one annotator's.",
            "Open the raw file to measure agreement.",
        )
    return harvest.export(TERNARY, _SPELLING)
