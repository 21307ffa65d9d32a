"""Three responses or more in columns of their own, and a column that names the best, or a rank or score of each."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.dataset.assembly import Export
from workbench.formats.files.document import Document
from workbench.formats.records.candidates import (
    Ballots,
    counted_from,
    not_of_this_kind,
    scores_from_best,
    scores_from_ranks,
)
from workbench.formats.records.nested import head_of, int_or_none, number_of, text_of
from workbench.formats.records.rankings import Option
from workbench.formats.records.roles import Roles, find_roles, shown_text

NAME = "candidate-columns"
TITLE = "Three responses or more in columns, with the best one, ranks or scores"

_BEST = re.compile(r"(?:^|_)(best|winner|chosen|choice|prefer\w*|selected|favou?rite)(?:_|$)", re.I)
_FIGURE = re.compile(r"rank|score|rating", re.I)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_MOST = 8


@dataclass(frozen=True)
class _Layout:
    """Columns of the responses, and how they were judged: `best` is one column, `figures` one each."""

    roles: Roles
    best: str | None
    base: int | None
    figures: tuple[str, ...]


def recognise(document: Document) -> float:
    """Knows three columns of texts or more that differ in a mark, and what judges all of them."""
    return 0.5 if _layout(document) is not None else 0.0


def read(document: Document) -> Export:
    """Of a choice the pairs of the chosen response; all pairs of ranks or scores, equal ones as ties."""
    ballots, layout = Ballots(document, NAME), _layout(document)
    if layout is None:
        raise not_of_this_kind(document, NAME)
    names = layout.roles.responses
    for ref, record in ballots.harvest.records():
        if layout.best is not None:
            scores = scores_from_best(_place(record.get(layout.best), record, layout), len(names))
        else:
            values = [record.get(name) for name in layout.figures]
            ranked = "rank" in layout.figures[0].casefold()
            scores = scores_from_ranks(values) if ranked else [number_of(value) for value in values]
        models = [text_of(record.get(name)) for name in layout.roles.models] or [None] * len(names)
        texts = [shown_text(record.get(name)) or "" for name in names]
        options = [Option(*each) for each in zip(texts, models, scores, strict=True)]
        ballots.add(ref, record, options, prompt=layout.roles.item(record).get("prompt"))
    ballots.harvest.note(
        "info",
        "fields-taken",
        f"Responses are {', '.join(names)}; judged by {layout.best or ', '.join(layout.figures)}.",
    )
    return ballots.export("A choice" if layout.best else "A row of ranks or scores", only_decided=bool(layout.best))


def _layout(document: Document) -> _Layout | None:
    if document.shape == "xml" or len(document.keys) > 400:
        return None
    roles, head = find_roles(document.columns), head_of(document)
    names = roles.responses
    if not 3 <= len(names) <= _MOST or not all(_are_texts([row.get(name) for row in head]) for name in names):
        return None
    for column in document.columns:
        if column in {*names, *roles.models, *roles.prompt} or not _BEST.search(column):
            continue
        values = [row.get(column) for row in document.records if isinstance(row, Mapping)]
        base = counted_from(values, len(names))
        layout = _Layout(roles, column, base, ())
        known = [row for row in head if text_of(row.get(column)) is not None]
        if known and all(_place(row[column], row, layout) is not None for row in known):
            return layout
    others = [name for name in document.columns if name not in names and _FIGURE.search(name)]
    figures = _figures(others, names)
    numeric = figures and all(
        math.isfinite(number_of(row.get(name))) for row in head for name in figures if row.get(name) is not None
    )
    return _Layout(roles, None, None, figures) if numeric else None


def _figures(columns: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """The columns with a rank or score of each response: those with the same marks as the responses, in their order."""
    marks = [_mark(name) for name in names]
    families: dict[str, dict[str, str]] = {}
    for column in columns:
        mark = _mark(column)
        if mark in marks:
            stem = re.sub(rf"(?i){re.escape(mark)}$", "", column)
            families.setdefault(stem, {})[mark] = column
    whole = [found for found in families.values() if len(found) == len(names)]
    return tuple(whole[0][mark] for mark in marks) if len(whole) == 1 else ()


def _mark(name: str) -> str:
    """The last letter, number or word that tells columns apart.

    >>> _mark("response_B"), _mark("answer12"), _mark("rankA")
    ('b', '12', 'a')
    """
    found = re.search(r"(\d+|(?<=[_\W])[A-Za-z]|[A-Z])$", name)
    return found.group().casefold() if found else ""


def _place(value: Any, record: Mapping[str, Any], layout: _Layout) -> int | None:
    """Which response a value names: by its place, its letter, its column or its text."""
    names = layout.roles.responses
    if layout.base is not None:
        place = int_or_none(value)
        return None if place is None or not 0 <= place - layout.base < len(names) else place - layout.base
    said = (text_of(value) or "").strip()
    folded = said.casefold()
    for spelled in ([_mark(name) for name in names], [name.casefold() for name in names], list(_ORDINALS)):
        if folded and folded in spelled[: len(names)]:
            return spelled.index(folded)
    last = re.search(r"[\s_-](\w)$", folded)
    if last and last.group(1) in [_mark(name) for name in names]:
        return [_mark(name) for name in names].index(last.group(1))
    shown = [shown_text(record.get(name)) for name in names]
    return shown.index(said) if said and shown.count(said) == 1 else None


def _are_texts(values: Sequence[Any]) -> bool:
    """Whether a column holds texts that differ, not figures."""
    texts = [text for value in values if (text := shown_text(value))]
    figures = sum(not math.isnan(number_of(text)) for text in texts)
    return len(texts) > 0 and figures < len(texts) / 2 and (len(texts) < 4 or len(set(texts)) > len(texts) / 4)
