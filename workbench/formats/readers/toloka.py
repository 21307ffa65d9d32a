"""Toloka assignments as a table: `INPUT:`, `OUTPUT:`, `GOLDEN:` and `ASSIGNMENT:` columns, one row a task of an
assignment.

Start and submit times belong to an assignment, a page of several tasks.
"""

from __future__ import annotations

from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.flat import FlatTable
from workbench.formats.records.times import elapsed, shared_times, to_moment

NAME = "toloka"
TITLE = "Toloka assignments"

_WORKER = "ASSIGNMENT:worker_id"
_NOT_DONE = {"skipped", "expired", "active"}


def recognise(document: Document) -> float:
    """Knows the prefixes."""
    if document.shape == "xml":
        return 0.0
    prefixes = {key.partition(":")[0] for key in document.keys if ":" in key}
    return 1.0 if {"INPUT", "OUTPUT", "ASSIGNMENT"} <= prefixes else 0.0


def read(document: Document) -> Export:
    """One judgement a row; skipped and expired assignments are skips, rejected ones are set aside."""
    flat = FlatTable(document, NAME, "ASSIGNMENT:task_id", _WORKER)
    not_done = None
    if "ACCEPT:verdict" in flat:
        flat.drop((flat.texts("ACCEPT:verdict").str.strip() == "-").to_numpy(bool), "rejected assignments")
    if "ASSIGNMENT:status" in flat:
        flat.drop(
            (flat.texts("ASSIGNMENT:status").str.strip().str.lower() == "rejected").to_numpy(bool),
            "rejected assignments",
        )
        not_done = flat.texts("ASSIGNMENT:status").str.strip().str.lower().isin(_NOT_DONE).to_numpy(bool)
    columns: dict[str, Any] = {}
    if _WORKER in flat:
        columns["annotator"] = flat.texts(_WORKER)
    if "ASSIGNMENT:assignment_id" in flat:
        columns["batch"] = flat.texts("ASSIGNMENT:assignment_id")
    ended = next((c for c in ("ASSIGNMENT:submitted", "ASSIGNMENT:accepted") if c in flat), None)
    if ended is not None:
        columns["ended_at"] = to_moment(flat[ended])
        if "ASSIGNMENT:started" in flat and ended == "ASSIGNMENT:submitted":
            times = elapsed(to_moment(flat["ASSIGNMENT:started"]), columns["ended_at"])
            columns["seconds"] = times.seconds
            flat.harvest.findings += times.findings
            if "batch" in columns:
                flat.harvest.findings += shared_times(columns["batch"])
    inputs = {c: c.removeprefix("INPUT:") for c in flat.columns if c.startswith("INPUT:")}
    outputs = {c.removeprefix("OUTPUT:"): flat[c] for c in flat.columns if c.startswith("OUTPUT:")}
    if not_done is not None and not_done.any():
        outputs = {name: values.mask(not_done) for name, values in outputs.items()}
    gold = {c.removeprefix("GOLDEN:"): flat[c] for c in flat.columns if c.startswith("GOLDEN:")}
    return flat.export(outputs, list(inputs), columns, names=inputs, gold=gold)
