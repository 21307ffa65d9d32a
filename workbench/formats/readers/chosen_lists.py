"""Preference rows with several chosen and several rejected responses: RewardBench 2, RM-Bench and rows like theirs.

RewardBench 2 (Malik et al. 2025) has one right completion against three, and questions with several right ones (its
subset *Ties*), of which none is better than another; RM-Bench (Liu et al. 2024) has three styles of each. Every chosen
response is better than every rejected one; nothing is known about two of the same list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.candidates import Ballots
from workbench.formats.records.nested import head_of, list_of, text_of
from workbench.formats.records.rankings import Option
from workbench.formats.records.roles import shown_text

NAME = "chosen-lists"
TITLE = "Several chosen, several rejected (RewardBench 2, RM-Bench)"


def recognise(document: Document) -> float:
    """Knows `chosen` and `rejected` that are both lists of responses, of which one at least has several."""
    if not {"chosen", "rejected"} <= document.keys:
        return 0.0
    sides = [(_responses(row.get("chosen")), _responses(row.get("rejected"))) for row in head_of(document)]
    if not sides or not all(chosen and rejected for chosen, rejected in sides):
        return 0.0
    return 0.9 if any(len(chosen) + len(rejected) > 2 for chosen, rejected in sides) else 0.7


def read(document: Document) -> Export:
    """The pairs of each chosen with each rejected response; there are no annotators."""
    ballots = Ballots(document, NAME)
    for ref, record in ballots.harvest.records():
        chosen, rejected = _responses(record.get("chosen")), _responses(record.get("rejected"))
        if not chosen or not rejected:
            ballots.harvest.set_aside("no list of chosen and of rejected responses", ref)
            continue
        models = _models(record, len(chosen), len(rejected))
        scores = [1.0] * len(chosen) + [0.0] * len(rejected)
        options = [Option(*each) for each in zip([*chosen, *rejected], models, scores, strict=True)]
        ballots.add(ref, record, options)
    return ballots.export("A row with several chosen and rejected responses", only_decided=True)


def _responses(value: Any) -> list[str]:
    """The responses of one side; none where it is a conversation or a single text."""
    listed = list_of(value)
    if any(isinstance(each, Mapping) for each in listed):
        return []
    return [text for each in listed if (text := shown_text(each))]


def _models(record: Mapping[str, Any], n_chosen: int, n_rejected: int) -> list[str | None]:
    """What wrote each: `models` lists those of the chosen ones first."""
    listed = [text_of(name) for name in list_of(record.get("models"))]
    n = n_chosen + n_rejected
    return listed if len(listed) == n else [None] * n
