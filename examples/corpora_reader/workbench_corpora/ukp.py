"""Argument pairs with every crowd worker's judgement (UKPConvArg XML): `annotatedArgumentPair` with its assignments.

Habernal and Gurevych, "Which argument is more convincing?", ACL 2016. Accept and submit times belong to an assignment
of up to three pairs; the gold label was derived by its authors from these same judgements.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

import pandas as pd

from workbench.dataset.assembly import Export
from workbench.dataset.scales import TERNARY
from workbench.findings import Fact, finding
from workbench.formats.files.document import Document
from workbench.formats.records.record_collector import Harvest
from workbench.formats.records.times import elapsed, to_moment

NAME = "ukp"
TITLE = "Argument pairs with crowd judgements (UKPConvArg XML)"

_SPELLING = {"a1": "A", "a2": "B", "equal": "="}
_PAIR = "annotatedArgumentPair"


def recognise(document: Document) -> float:
    """Knows the element that holds a pair."""
    return 1.0 if document.shape == "xml" and next(_pairs(document), None) is not None else 0.0


def read(document: Document) -> Export:
    """One item a pair, one judgement an assignment; argument 1 is A."""
    harvest = Harvest(document, NAME)
    rows: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for number, pair in enumerate(_pairs(document), 1):
        first, second = _text(pair, "arg1/text"), _text(pair, "arg2/text")
        name = _text(pair, "id")
        if first is None or second is None:
            harvest.set_aside("a pair without both arguments", number)
            continue
        title = [text for tag in ("title", "description") if (text := _text(pair, f"debateMetaData/{tag}"))]
        items.append(
            {
                "item_id": name,
                "prompt": "\n\n".join(title) or None,
                "response_a": first,
                "response_b": second,
                "gold": _text(pair, "goldLabel"),
                "slice.topic": title[0] if title else None,
                "slice.stance": _text(pair, "arg1/stance"),
            }
        )
        for assignment in pair.iterfind("mTurkAssignments/mTurkAssignment"):
            rows.append(
                {
                    "item_row": len(items) - 1,
                    "label": _text(assignment, "value"),
                    "annotator": _text(assignment, "turkID"),
                    "shown_first": "a",
                    "started_at": _text(assignment, "assignmentAcceptTime"),
                    "ended_at": _text(assignment, "assignmentSubmitTime"),
                    "reason": _text(assignment, "reason"),
                    "batch": _text(assignment, "assignmentId") or _joined(assignment, "hitID", "turkID"),
                    "dim.worker_stance": _text(assignment, "workerStance"),
                    "ref": name or number,
                }
            )
    table, judged = pd.DataFrame(items), pd.DataFrame(rows)
    if len(judged):
        ended = to_moment(judged["ended_at"])
        times = elapsed(to_moment(judged.pop("started_at")), ended)
        judged = judged.assign(ended_at=ended, seconds=times.seconds)
        harvest.findings += times.findings
        if judged["seconds"].notna().any():
            harvest.note(
                "warning",
                "times-shared",
                "A time belongs to a whole assignment of up to three pairs, which may lie in the files of other topics,"
                " and not to one pair.",
                "Compare assignments, not single judgements, when judging speed; the column batch names them.",
            )
    if len(table) and table["gold"].notna().any():
        harvest.findings.append(
            finding(
                "info",
                Fact.GOLD_FROM_JUDGEMENTS,
                f"{int(table['gold'].notna().sum()):,} gold labels were derived from these judgements by the authors of"
                " the data.",
                "Accuracy against them is not independent of the judgements.",
            )
        )
    # The corpus names its arguments: two with the same words, by two authors, are two arguments, and its published
    # figures count them.
    return replace(harvest.export(TERNARY, _SPELLING, sides=True, frames=(table, judged)), distinct_responses=True)


def _pairs(document: Document) -> Any:
    root = document.root
    return root.iter(_PAIR) if isinstance(root, Element) else iter(())


def _text(element: Element, path: str) -> str | None:
    """Text at a path, None where there is none or only white space."""
    text = element.findtext(path)
    return text.strip() or None if text is not None else None


def _joined(element: Element, *tags: str) -> str | None:
    parts = [_text(element, tag) for tag in tags]
    return None if None in parts else "+".join(parts)  # type: ignore[arg-type]
