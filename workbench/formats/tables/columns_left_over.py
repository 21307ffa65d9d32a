"""The columns that a guess has no use for: where each of them belongs, and what it means that one belongs nowhere.

A column may be a text, a time, a figure, an id of each row, the same throughout, or told by what was judged, by who
judged, or by the label. What is left says something of its own in each judgement: another answer, or a part of the
item that was missed.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.errors import first_five
from workbench.formats.tables.column_assignment import Assignment
from workbench.formats.tables.column_names import (
    ABOUT_PEOPLE,
    DERIVED,
    FIGURES,
    OWN_ID,
    TELLS_APART,
    fields_named,
    plain_name,
)
from workbench.formats.tables.doubt import A_ROW_AN_ANSWER, Doubt, doubt_about
from workbench.formats.tables.reading_checks import codes, identity, item_beside
from workbench.formats.tables.told_apart import finer_key, pair_comes_again, part_of_the_thing, turn_left_over

_QUESTIONS, _PROPERTIES, _SEVERAL_SHARED, _SEVERAL_ROWS = 3, 3, 4, 1.5
_PLACED = {
    "gold",
    "shown_first",
    "annotator_kind",
    "batch",
    "confidence",
    "seconds",
    "started_at",
    "ended_at",
    "reason",
}
_ID = re.compile(r"(?:^|_)(?:id|idx|key|no|num|number|file|path|filename|img_name|image_name|url)$")


def doubts_of_the_rest(found: Assignment) -> list[Doubt]:
    """Every doubt that the columns without a use raise."""
    checks = (
        _other_questions,
        _said_twice,
        turn_left_over,
        finer_key,
        part_of_the_thing,
        pair_comes_again,
        _key_left_over,
        _property_of_a_thing,
        _table_of_properties,
    )
    return [doubt for check in checks if (doubt := check(found)) is not None]


def answers_beside(found: Assignment) -> list[str]:
    """Columns without a use that say something of their own in each judgement, and were not made of the label."""
    label, about = found.mapping.get("label", []), identity(found)
    items = codes(found, about) if about else np.arange(len(found.sample))
    repeated = len(np.unique(items)) < len(items)
    return [
        c
        for c, look in found.looks.items()
        if c not in found.used()
        and look.distinct > 1
        and look.could_be_label
        and look.moments <= 0.5
        and 2 * look.rows >= len(found.sample)
        and not found.named[c].keys() & _PLACED
        and not any(p.search(plain_name(c)) for p in (ABOUT_PEOPLE, DERIVED, FIGURES, TELLS_APART))
        and not (repeated and found.text(c).groupby(items).nunique().max() <= 1)
        and not any(tells(found, one, c) for one in label)
    ]


def tells(found: Assignment, one: str, other: str) -> bool:
    """Whether a column says the same as another in other words."""
    a, b = found.text(one), found.text(other)
    return bool(a.groupby(b).nunique().max() <= 1 and b.groupby(a).nunique().max() <= 1)


def _other_questions(found: Assignment) -> Doubt | None:
    """Several columns answer in the same words as the label, and no name says which of them is meant: a table of
    criteria.
    """
    label = found.mapping.get("label", [])
    if len(label) != 1 or found.nesting.field is not None:
        return None
    look, best = found.looks[label[0]], found.scores["label"]
    alike = [
        c
        for c in answers_beside(found)
        if found.looks[c].all_numbers == look.all_numbers
        and 2 * len(found.looks[c].words & look.words) >= min(len(found.looks[c].words), len(look.words))
        and c not in {side for two in found.pairs.twos for side in two}
    ]
    if not alike:
        return None
    rival = max(fields_named(c).get("label", 0.0) for c in alike)
    if best > 0.75 or (best > 0.6 and rival < best - 0.05) or (len(alike) < 2 and rival < best - 0.05):
        return None
    questions = [label[0], *alike]
    return doubt_about(
        "label",
        f"{first_five(questions)} answer in the same words, and no name says which of them is the judgement",
        *((f"it is {c!r} ({found.spread(c)})", {"label": c} | item_beside(found)) for c in questions[:4]),
    )


def _said_twice(found: Assignment) -> Doubt | None:
    """Each thing has one row, and another column says something of it in the words of the label: a prediction, a right
    answer or somebody else's judgement.
    """
    label, about = found.mapping.get("label", []), identity(found)
    if len(label) != 1 or not about or "gold" in found.mapping or found.nesting.field is not None:
        return None
    if len(np.unique(codes(found, about))) < len(found.sample) or found.looks[label[0]].all_numbers:
        return None
    words = found.looks[label[0]].words
    twice = [c for c in answers_beside(found) if found.looks[c].words == words and not found.looks[c].all_numbers]
    if len(twice) != 1 or twice[0] in {side for two in found.pairs.twos for side in two}:
        return None
    return doubt_about(
        "label gold",
        f"{label[0]!r} and {twice[0]!r} say the same words of each {about[0]!r}, and one of them may be the right"
        " answer or what a model predicted",
        (f"{twice[0]!r} is judged and {label[0]!r} is right", {"label": twice[0], "gold": label[0]}),
        (f"{label[0]!r} is judged and {twice[0]!r} is right", {"label": label[0], "gold": twice[0]}),
        ("each is another person's judgement", {"label": f"{label[0]},{twice[0]}"}),
    )


def is_a_survey(found: Assignment) -> Doubt | None:
    """Columns called as questions: a row is a respondent, and not one judgement."""
    label = found.mapping.get("label", [])
    questions = [c for c in found.looks if "?" in c and found.looks[c].rows and label != [c]]
    if len(questions) < _QUESTIONS or len(label) > 1 or {"response_a", "winner"} & set(found.mapping):
        return None
    return Doubt(
        f"{len(questions):,} columns are called as questions (such as {questions[0].strip()[:50]!r}): this seems to be"
        " a survey with a row a respondent and questions of several kinds, which are not judgements of one kind",
        remedy=A_ROW_AN_ANSWER,
    )


def _key_left_over(found: Assignment) -> Doubt | None:
    """Nobody is named, several rows speak of one item, and a column of ids has another value in each of them: it is
    part of what was judged, or it names who judged.
    """
    about = identity(found)
    if "annotator" in found.mapping or not about or len(found.mapping.get("label", ())) != 1:
        return None
    if {"response_a", "model_a", "winner"} & set(found.mapping):
        return None
    items = codes(found, about)
    if len(items) < _SEVERAL_ROWS * len(np.unique(items)):
        return None
    for column, look in found.looks.items():
        own = OWN_ID.fullmatch(plain_name(column))
        if column in found.used() or own is None or look.rows < len(items) or look.moments > 0.5:
            continue
        if pd.DataFrame({"item": items, "id": found.text(column)}).duplicated().any():
            continue
        return doubt_about(
            "item annotator",
            f"several rows have the same {about[0]!r} and nobody is named who judged; {column!r} has another value in"
            " each of these rows",
            (f"{column!r} is part of what was judged", {"item": f"{about[0]},{column}"}),
            (f"{column!r} names who judged", {"annotator": column}),
            ("the rows are judgements by people without names", {"annotator": ""}),
        )
    return None


def _property_of_a_thing(found: Assignment) -> Doubt | None:
    """The label is told by a finer id that several people share: people never differ on it, so it was no question to
    them.
    """
    label, who, about = (found.mapping.get(f, []) for f in ("label", "annotator", "item"))
    if len(label) != 1 or len(who) != 1 or len(about) != 1 or found.looks[label[0]].distinct < 2:
        return None
    said, people, item = found.text(label[0]), found.text(who[0]), found.text(about[0])
    for column, look in found.looks.items():
        if column in found.used() or look.rows < len(said) or not _ID.search(plain_name(column)):
            continue
        things = found.text(column)
        shared = people.groupby(things).transform("nunique") > 1
        finer = item.groupby(things).nunique().max() <= 1 and things.nunique() > item.nunique()
        if not finer or shared.sum() < _SEVERAL_SHARED or said[shared].nunique() < 2:
            continue
        if said.groupby(things).nunique().max() <= 1:
            return doubt_about(
                "label item",
                f"{label[0]!r} is the same for everybody who has the same {column!r}: it describes that thing rather"
                " than judges it",
                ("it is the judgement all the same", {"label": label[0], "item": column}),
            )
    return None


def _table_of_properties(found: Assignment) -> Doubt | None:
    """Nobody is named, nothing is judged twice, and several other columns say something of each thing as well."""
    label, about = found.mapping.get("label", []), identity(found)
    named = {"annotator", "response_a", "model_a", "winner", "seconds", "annotation_id", "reason", "gold", "ended_at"}
    if len(label) != 1 or not about or named & set(found.mapping) or found.looks[label[0]].sides:
        return None
    others = [c for c in answers_beside(found) if found.looks[c].words_each <= 3]
    if len(others) < _PROPERTIES or len(np.unique(codes(found, about))) < len(found.sample):
        return None
    return doubt_about(
        "label item annotator",
        f"each row is another {about[0]!r}, nobody is named who judged, and {first_five(others)} say something of it as"
        f" {label[0]!r} does: this may be a table of things with their properties",
        (f"{label[0]!r} is what somebody judged", {"label": label[0], "annotator": ""}),
    )
