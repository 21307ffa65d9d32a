"""MultiPref: pairs judged by two crowd workers and two experts, overall and on three dimensions, with times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.dataset.scales import FIVE
from workbench.formats.files.document import Document
from workbench.formats.records.nested import dict_of, head_of, label_of, list_of, text_of
from workbench.formats.records.record_collector import Harvest, slices

NAME = "multipref"
TITLE = "MultiPref"

_SPELLING = {
    "A-is-clearly-better": "A>>",
    "A-is-better": "A>>",
    "A-is-slightly-better": "A>",
    "Tie": "=",
    "B-is-slightly-better": "B>",
    "B-is-better": "B>>",
    "B-is-clearly-better": "B>>",
}
_KINDS = {"normal_worker_annotations": "human", "expert_worker_annotations": "expert"}
_DIMENSIONS = ("helpful", "harmless", "truthful")
_CONFIDENCE = {"not-confident": 1.0, "somewhat-confident": 2.0, "fairly-confident": 3.0, "absolutely-confident": 4.0}
_SLICES = ("source", "category", "subject_study", "highest_level_degree")


def recognise(document: Document) -> float:
    """Knows the two lists of annotations."""
    if not document.keys & set(_KINDS) or not {"completion_a", "completion_b"} <= document.keys:
        return 0.0
    return 1.0 if any(list_of(row.get(name)) for row in head_of(document) for name in _KINDS) else 0.5


def read(document: Document) -> Export:
    """One judgement an annotation: `overall_pref` is the label, the other preferences are dimensions."""
    harvest = Harvest(document, NAME)
    both = document.keys >= set(_KINDS)
    for ref, record in harvest.records():
        a, b = text_of(record.get("completion_a")), text_of(record.get("completion_b"))
        annotations = [(kind, dict_of(each)) for name, kind in _KINDS.items() for each in list_of(record.get(name))]
        if a is None or b is None or not annotations:
            harvest.set_aside("a completion or all annotations are missing", ref)
            continue
        item = harvest.item(
            item_id=text_of(record.get("comparison_id")),
            prompt=text_of(record.get("text")),
            response_a=a,
            response_b=b,
            model_a=text_of(record.get("model_a")),
            model_b=text_of(record.get("model_b")),
            group=text_of(record.get("prompt_id")),
            **slices(record, _SLICES),
        )
        for kind, each in annotations:
            harvest.judgement(
                item,
                label_of(each.get("overall_pref")),
                ref,
                annotator=text_of(each.get("evaluator")),
                annotator_kind=kind,
                confidence=_CONFIDENCE.get(text_of(each.get("overall_confidence")) or "", math.nan),
                seconds=each.get("time_spent"),
                ended_at=each.get("timestamp"),
                reason=_reason(each),
                **{f"dim.{name}": _dimension(each, name) for name in _DIMENSIONS},
            )
    if both:
        harvest.note(
            "info", "confidence-in-words", "Confidence runs from 1 (not confident) to 4 (absolutely confident)."
        )
    return harvest.export(FIVE, _SPELLING)


def _dimension(annotation: Mapping[str, Any], name: str) -> str | None:
    preference = text_of(annotation.get(f"{name}_pref"))
    return None if preference is None else _SPELLING.get(preference, preference)


def _reason(annotation: Mapping[str, Any]) -> str | None:
    """The reasons ticked and written on all dimensions, one line each."""
    lines = []
    for name in _DIMENSIONS:
        ticked = [
            reason
            for key in (f"{name}_reasons", f"{name}_checked_reasons")
            for reason in map(text_of, list_of(annotation.get(key)))
            if reason
        ]
        own = text_of(annotation.get(f"{name}_own_reason"))
        words = [*ticked, *([own] if own else [])]
        if words:
            lines.append(f"{name}: {'; '.join(words)}")
    return "\n".join(lines) or None
