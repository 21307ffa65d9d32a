"""A prompt and a list of responses with a score, a rank or a mark for each, inside the list or beside it, or with the
place of the best one.
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
    BEST,
    MODELS,
    RESPONSES,
    Ballots,
    counted_from,
    not_of_this_kind,
    scores_from_best,
    scores_from_ranks,
)
from workbench.formats.records.nested import dict_of, first_of, head_of, int_or_none, list_of, number_of, text_of
from workbench.formats.records.rankings import Option
from workbench.formats.records.roles import shown_text

NAME = "candidate-lists"
TITLE = "Responses in a list, with ranks, scores or the best one"

_LISTS = (
    *("responses", "completions", "candidates", "answers", "outputs", "generations", "all_generated_responses"),
    *("texts", "options", "summaries", "image_path", "image_paths", "images"),
)
_SCORES = (
    *("scores", "score", "ratings", "rating", "rewards", "all_rm_scores", "human_preference", "preference"),
    "preferences",
)
_RANKS = ("ranks", "rank")
_MODELS = ("models", "model", "model_names", "generators")


@dataclass(frozen=True)
class _Layout:
    """Fields of the responses and of what was made of them; `kind` is `scores`, `ranks` or `best`, `inside` the field
    of the text where the list holds records.
    """

    responses: str
    judged: str
    kind: str
    inside: str | None = None


def recognise(document: Document) -> float:
    """Knows a list of responses beside a list of numbers as long as it, or beside the place of the best."""
    return 0.5 if _layout(document) is not None else 0.0


def read(document: Document) -> Export:
    """All pairs of a ranking or of scores, equal ones as ties; of a choice those of the chosen response."""
    ballots, layout = Ballots(document, NAME), _layout(document)
    if layout is None:
        raise not_of_this_kind(document, NAME)
    only_best = layout.kind == "best"
    base = _base(document, layout) if only_best else 0
    marks = layout.kind == "scores"
    for ref, record in ballots.harvest.records():
        if layout.inside is not None:
            parts = [dict_of(part) for part in list_of(record.get(layout.responses))]
            texts: list[str | None] = [shown_text(part.get(layout.inside)) for part in parts]
            values: Any = [part.get(layout.judged) for part in parts]
            record = {**record, "models": [text_of(first_of(part, MODELS)) for part in parts]}
        else:
            texts, values = _texts(record.get(layout.responses)), record.get(layout.judged)
        if only_best:
            place = int_or_none(values)
            scores = scores_from_best(None if place is None else place - (base or 0), len(texts))
        else:
            listed = list_of(values)
            scores = [number_of(v) for v in listed] if layout.kind == "scores" else scores_from_ranks(listed)
        if len(scores) != len(texts):
            ballots.harvest.set_aside("not as many judgements as responses", ref)
            continue
        marks = marks and all(score in (0, 1) or math.isnan(score) for score in scores) and sum(scores) == 1
        models = _models(record, len(texts))
        options = [Option(text or "", model, score) for text, model, score in zip(texts, models, scores, strict=True)]
        ballots.add(ref, record, options)
    what = {"best": "A choice", "ranks": "A ranking", "scores": "A list of scores"}[layout.kind]
    return ballots.export(f"{what} ({layout.judged!r} of {layout.responses!r})", only_decided=only_best or marks)


def _layout(document: Document) -> _Layout | None:
    if document.shape == "xml":
        return None
    for responses in _LISTS:
        listed = [row for row in head_of(document) if list_of(row.get(responses))]
        rows = [row for row in listed if len(_texts(row[responses])) > 1]
        if len(rows) <= len(listed) / 2 or _is_same_everywhere([row[responses] for row in rows]):
            if listed and (layout := _inside(listed, responses)) is not None:
                return layout
            continue
        for kind, names in (("ranks", _RANKS), ("scores", _SCORES)):
            for judged in names:
                if all(_numbers(row.get(judged)) == len(_texts(row[responses])) for row in rows):
                    return _Layout(responses, judged, kind)
        for judged in BEST:
            layout = _Layout(responses, judged, "best")
            if judged in document.keys and _base(document, layout) is not None:
                return layout
    return None


def _is_same_everywhere(lists: Sequence[Any]) -> bool:
    """Whether every record lists the same: then these are the answers one can give, not responses."""
    return len(lists) > 2 and len({str(list_of(each)) for each in lists}) == 1


def _inside(head: Sequence[Mapping[str, Any]], responses: str) -> _Layout | None:
    """Records with a text and a rank or score of their own, two or more in most of the lists."""
    lists = [[dict_of(part) for part in list_of(row.get(responses))] for row in head]
    parts = [part for each in lists for part in each]
    if not parts or not all(parts) or sum(len(each) > 1 for each in lists) < len(lists) / 2:
        return None
    text = next((name for name in (*RESPONSES, "content") if all(shown_text(part.get(name)) for part in parts)), None)
    for kind, names in (("ranks", _RANKS), ("scores", (*_SCORES, "pm_score", "reward", "overall_score"))):
        for judged in names:
            if text is not None and all(math.isfinite(number_of(part.get(judged))) for part in parts):
                return _Layout(responses, judged, kind, text)
    return None


def _base(document: Document, layout: _Layout) -> int | None:
    rows = [row for row in document.records if isinstance(row, Mapping) and list_of(row.get(layout.responses))]
    most = max((len(_texts(row[layout.responses])) for row in rows), default=0)
    places = [row.get(layout.judged) for row in rows]
    if any(isinstance(place, (bool, np.bool_)) for place in places):
        return None
    return counted_from(places, most)


def _numbers(value: Any) -> int:
    """How many numbers a list holds; -1 where it is none."""
    listed = list_of(value)
    return len(listed) if listed and not any(math.isnan(number_of(each)) for each in listed) else -1


def _texts(value: Any) -> list[str | None]:
    """The responses; none at all where they are numbers or judgements with fields of their own."""
    listed = list_of(value)
    if any(isinstance(each, Mapping) or not math.isnan(number_of(each)) for each in listed):
        return []
    return [shown_text(each) for each in listed]


def _models(record: Mapping[str, Any], k: int) -> list[str | None]:
    for name in _MODELS:
        listed = [text_of(each) for each in list_of(record.get(name))]
        if len(listed) == k:
            return listed
    return [None] * k
