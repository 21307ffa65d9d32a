"""A row for each response: the question it answers, and whether it was chosen or which rank it got, as in PRISM.

Rows of one question and one person are one choice or ranking. That they are is seen in the file: in nearly all of these
groups exactly one response is chosen, or the ranks begin at the top and differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.candidates import (
    BEST_FLAGS,
    MODELS,
    PEOPLE,
    PROMPTS,
    RESPONSES,
    Ballots,
    not_of_this_kind,
    scores_from_ranks,
)
from workbench.formats.records.nested import first_of, head_of, number_of, text_of
from workbench.formats.records.rankings import Option
from workbench.formats.records.roles import shown_text

NAME = "candidate-rows"
TITLE = "A row a response, with the chosen one or ranks (PRISM)"

_QUESTIONS = (
    *("interaction_id", "question_id", "prompt_id", "query_id", "comparison_id", "ranking_id", "group_id", "task_id"),
    *("post_id", "item_id", "pair_id", "example_id", "instruction_id"),
)
_RANKS = ("rank", "ranking", "position_rank")
_FLAGS = {"true": 1.0, "1": 1.0, "yes": 1.0, "false": 0.0, "0": 0.0, "no": 0.0}
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class _Layout:
    """Fields of a row: the question, the response, who judged (None = not said), and the flag or the rank."""

    question: str
    response: str
    person: str | None
    judged: str
    kind: str


def recognise(document: Document) -> float:
    """Knows rows of responses that share a question, of which one is chosen or all are ranked."""
    return 0.55 if _layout(document) is not None else 0.0


def read(document: Document) -> Export:
    """The pairs of the chosen response with each other one, or all pairs of a ranking."""
    ballots, layout = Ballots(document, NAME), _layout(document)
    if layout is None:
        raise not_of_this_kind(document, NAME)
    together: dict[tuple[str | None, str | None], list[tuple[int, Mapping[str, Any]]]] = {}
    for ref, record in ballots.harvest.records():
        if (key := _key(record, layout))[0] is None:
            ballots.harvest.set_aside("no question", ref)
        else:
            together.setdefault(key, []).append((ref, record))
    for rows in together.values():
        ref, first = rows[0]
        values = [record.get(layout.judged) for _, record in rows]
        options = [
            Option(
                shown_text(record.get(layout.response)) or "",
                text_of(first_of(record, MODELS)),
                score,
                {} if math.isnan(given := number_of(record.get("score"))) else {"score": given},
            )
            for (_, record), score in zip(rows, _scores(values, layout.kind), strict=True)
        ]
        ballots.add(ref, first, options)
    what = "The choice of a response" if layout.kind == "flag" else "A ranking of responses"
    return ballots.export(f"{what} (rows with the same {layout.question!r})", only_decided=layout.kind == "flag")


def _layout(document: Document) -> _Layout | None:
    keys = document.keys
    response = next((name for name in RESPONSES if name in keys), None)
    kinds = [(name, "rank") for name in _RANKS if name in keys] + [
        (name, "flag") for name in BEST_FLAGS if name in keys
    ]
    questions = [name for name in _QUESTIONS if name in keys] + [name for name in PROMPTS if name in keys]
    if document.shape == "xml" or response is None or not kinds or not questions or not head_of(document):
        return None
    person = next((name for name in PEOPLE if name in keys), None)
    rows = [row for row in document.records if isinstance(row, Mapping)]
    for judged, kind in kinds:
        for question in questions:
            layout = _Layout(question, response, person, judged, kind)
            if judged != question and _is_shared(rows, layout):
                return layout
    return None


def _is_shared(rows: Sequence[Mapping[str, Any]], layout: _Layout) -> bool:
    """Whether rows of one question and person are one choice or ranking in nearly all cases."""
    together: dict[tuple[str | None, str | None], list[Mapping[str, Any]]] = {}
    rows = [row for row in rows if _key(row, layout)[0] is not None]
    for row in rows:
        together.setdefault(_key(row, layout), []).append(row)
    several = [group for group in together.values() if len(group) > 1]
    if not several or sum(map(len, several)) < _NEARLY_ALL / 2 * len(rows):
        return False
    return sum(_is_ballot(group, layout) for group in several) >= _NEARLY_ALL * len(several)


def _is_ballot(group: Sequence[Mapping[str, Any]], layout: _Layout) -> bool:
    texts = [shown_text(row.get(layout.response)) for row in group]
    scores = _scores([row.get(layout.judged) for row in group], layout.kind)
    if None in texts or any(math.isnan(score) for score in scores):
        return False
    if layout.kind == "flag":
        return sum(scores) == 1
    return max(scores) in (0, -1) and len(set(scores)) > len(scores) / 2


def _scores(values: Sequence[Any], kind: str) -> list[float]:
    return scores_from_ranks(values) if kind == "rank" else [_flag(value) for value in values]


def _flag(value: Any) -> float:
    """1 for chosen, 0 for not, NaN for what is neither."""
    if isinstance(value, (bool, np.bool_)):
        return float(value)
    return _FLAGS.get((text_of(value) or "").strip().casefold(), math.nan)


def _key(record: Mapping[str, Any], layout: _Layout) -> tuple[str | None, str | None]:
    question = text_of(record.get(layout.question)) or shown_text(record.get(layout.question))
    return question, None if layout.person is None else text_of(record.get(layout.person))
