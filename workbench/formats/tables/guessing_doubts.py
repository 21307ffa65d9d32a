"""What speaks against a guess as a whole: then the user is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.errors import first_five
from workbench.formats.tables.column_assignment import PAIRED, Assignment
from workbench.formats.tables.column_names import TELLS_APART, fields_named, plain_name
from workbench.formats.tables.columns_left_over import doubts_of_the_rest, is_a_survey
from workbench.formats.tables.doubt import Doubt, doubt_about
from workbench.formats.tables.guessing_items import names_items
from workbench.formats.tables.pair_columns import sides_by_value
from workbench.formats.tables.reading_checks import role_doubts, told_as_item

_MOST_WORDS_OF_A_LABEL = 6
_FEW_ROWS, _FEW_ITEMS = 4, 2
_MOST_DIMENSIONS = 20
_FRACTION = re.compile(r"[.,]\d*[1-9]")
_NEARLY_ALL = 0.9
_MOST_POINTS = 10
_HALF, _SHOWN = 0.5, 4
_ID = re.compile(r"(?:^|_)(?:id|idx|key|uuid|path|file|filename)$")
_NO_PERSON = re.compile(
    r"(turn|round|order|position|criteri|dimension|aspect|attribute|metric|language|lang|model|system|split|version"
    r"|trial|index|step|topic|category|domain|seed|rank|score|rating|country|gender|age|education|reason|comment|name)"
)
"""Names of columns that tell judgements of an item apart without naming who made them."""


def doubts(found: Assignment) -> list[Doubt]:
    """Everything that speaks against the mapping, the weightiest first; empty where nothing does."""
    said: list[Doubt] = []
    if lost := lost_person(found):
        said.append(
            doubt_about(
                "annotator",
                f"no column is called as the person who judged, but {lost!r} may name it",
                ("it does", {"annotator": lost}),
                ("nobody is named", {"annotator": ""}),
            )
        )
    if (survey := is_a_survey(found)) is not None:
        return [survey]
    said += role_doubts(found)
    label = found.mapping.get("label", [])
    if len(label) == 1:
        words = _no_labels(found, label[0]) or _nobody_judged(found, label[0])
        said += [doubt_about("label", words)] if words else []
        rivals = None if words else _rivals(found, label[0])
        said += [rivals] if rivals is not None else []
    if len(label) == 1 and (dimension := _judged_by_dimension(found, label[0])) is not None:
        said.append(dimension)
    return said + doubts_of_the_rest(found)


def _no_labels(found: Assignment, label: str) -> str:
    """Why the values of this column cannot be labels."""
    look = found.looks[label]
    pair = [found.mapping.get(f, [""])[0] for f in PAIRED[:2]]
    if all(pair) and sides_by_value(*(found.sample[c] for c in (label, *pair))) is not None:
        return ""
    if look.lists:
        return f"the cells of {label!r} are lists"
    if look.words_each > _MOST_WORDS_OF_A_LABEL and look.share_distinct > 0.5 and not look.sides:
        return f"the column {label!r} holds texts, no labels"
    if look.distinct > 60 and not look.all_numbers and "response_a" not in found.mapping:
        return f"the column {label!r} has {look.distinct:,} different values, too many for labels"
    if names_items(found, label):
        return f"the column {label!r} has another value for each item and the same for everybody who judged it"
    return ""


def _nobody_judged(found: Assignment, label: str) -> str:
    """Why this is a list of things or of figures rather than of judgements: nobody is named, and each row has a value
    of its own, or each item has each value once.
    """
    if "annotator" in found.mapping or found.nesting.field is not None or {*PAIRED, "prompt"} & set(found.mapping):
        return ""
    look = found.looks[label]
    if "item" not in found.mapping or (look.rows < _FEW_ROWS and look.sides):
        return ""
    said, item = found.text(label), found.text(found.mapping["item"][0])
    if not look.sides and look.distinct == look.rows and not item.duplicated().any():
        return f"the column {label!r} has another value in each row, and nobody is named who judged"
    if look.all_numbers and any(_FRACTION.search(t) for t in look.texts):
        return f"the column {label!r} holds figures with fractions, and nobody is named who judged"
    if look.all_numbers and not item.duplicated().any() and any(_points(t) > _MOST_POINTS for t in look.texts):
        return (
            f"the column {label!r} holds one large number each, as counts and points do, and nobody is named who judged"
        )
    groups = said.groupby(item)
    each_once = (groups.nunique() == groups.size()).all() and (groups.nunique() == look.distinct).all()
    if item.nunique() > _FEW_ITEMS and look.distinct > 1 and each_once:
        return f"each item has each value of {label!r} once: these are the things compared rather than judgements"
    return ""


def _rivals(found: Assignment, label: str) -> Doubt | None:
    """Other columns that could be the label just as well."""
    look = found.looks[label]
    best = fields_named(label).get("label", 0.0)
    rivals = [
        c
        for c in found.other_labels()
        if fields_named(c).get("label", 0.0) >= best and found.looks[c].texts != look.texts
    ]
    if look.sides and rivals:
        return _any_of([label, *rivals])
    if found.nesting.field == "games":
        return doubt_about("label", "nothing says whether the sides of the second game are exchanged")
    strong = [
        c
        for c in found.looks
        if c not in found.used()
        and found.named[c].get("label", 0.0) >= found.scores["label"] - 0.05
        and found.looks[c].distinct > 1
        and c != label
        and not _same_said(found, c, label)
    ]
    return _any_of([label, *strong]) if found.scores["label"] <= 0.65 and strong else None


def _any_of(columns: Sequence[str]) -> Doubt:
    """Asks which of several columns is the label, or whether each is one person's where they are called alike."""
    alone = [(f"it is {c!r}", {"label": c}) for c in columns[:_SHOWN]]
    alike = len({re.sub(r"\d+|(?<=[\W_])\w{1,3}$", "#", c) for c in columns}) == 1
    everybody = [("each of them is another person's", {"label": ",".join(columns)})] if alike else []
    return doubt_about("label", f"any of {first_five(columns)} could be the label", *everybody, *alone)


def _same_said(found: Assignment, one: str, other: str) -> bool:
    """Whether two columns say the same in other words, as a number and its name do."""
    a, b = found.text(one), found.text(other)
    if min(len(found.looks[c].words) for c in (one, other)) < 2:  # one word beside another says nothing
        return False
    return bool(a.groupby(b).nunique().max() <= 1 and b.groupby(a).nunique().max() <= 1)


def _judged_by_dimension(found: Assignment, label: str) -> Doubt | None:
    """Whether each person judged each item once for each word of another column: then that column is part of the item,
    or only one of its words is wanted.
    """
    about = [c for f in ("item", "annotator", *PAIRED) for c in found.mapping.get(f, ())]
    if not {"item", "response_a"} & set(found.mapping):
        return None
    of = pd.Series(pd.factorize(pd.MultiIndex.from_frame(found.sample[about].astype(str)))[0], found.sample.index)
    if of.duplicated(keep=False).mean() < _NEARLY_ALL:
        return None
    for column, look in found.looks.items():
        if column in found.used() or not 1 < look.distinct <= _MOST_DIMENSIONS or look.rows < len(found.sample):
            continue
        if look.all_numbers or look.sides or look.flags or look.texts_like or TELLS_APART.search(plain_name(column)):
            continue
        each = found.text(column).groupby(of)
        whole = each.nunique() == look.distinct
        if (
            whole.mean() > _NEARLY_ALL
            and each.size().max() % look.distinct == 0
            and _another_says(found, label, column)
        ):
            words, item = first_five(sorted(set(look.texts))), found.mapping.get("item", ["ITEM"])[0]
            return doubt_about(
                "item",
                f"each person judges each item once for each word of {column!r} ({words}): these may be items of their"
                " own",
                (f"each of the words of {column!r} is judged by itself", told_as_item(found, f"{item},{column}")),
                ("they are repeats of the same", told_as_item(found, item)),
            )
    return None


def _points(text: str) -> float:
    """The size of a number that is written as text."""
    return abs(float(pd.to_numeric(text.replace(",", "."), errors="coerce")))


def _another_says(found: Assignment, label: str, column: str) -> bool:
    """Whether the label is not simply told by this column, as a name beside its own code is."""
    return bool((found.text(label).groupby(found.text(column)).nunique() > 1).any())


def lost_person(found: Assignment) -> str:
    """A column without a use that may name the person: several rows an item, no value twice on one item, and each
    on several items; empty where there is none or the person is known.
    """
    about = [c for f in ("item", *PAIRED, "prompt") for c in found.mapping.get(f, ())]
    if "annotator" in found.mapping or not about or len(found.mapping.get("label", ())) != 1:
        return ""
    item = pd.factorize(pd.MultiIndex.from_frame(found.sample[about].astype(str)))[0]
    rows, items = len(item), int(item.max(initial=-1)) + 1
    if rows < 1.5 * items:
        return ""
    for column, look in found.looks.items():
        if column in found.used() or look.rows < rows or not 2 <= look.distinct <= rows // 2 or look.sides:
            continue
        if look.durations > 0.5 or look.moments > 0.5 or _NO_PERSON.search(plain_name(column)):
            continue
        who = pd.factorize(found.sample[column].astype(str))[0]
        cells = pd.Series(item * (look.distinct + 1) + who)
        if not cells.duplicated().any() and (np.bincount(who) > 1).all():
            return column
    return ""


def hints(found: Assignment) -> str:
    """Which columns may be the judgement, or name what was judged, where none is."""
    free = [c for c in found.looks if c not in found.used() and found.looks[c].rows]
    if not {"item", "response_a", "winner"} & set(found.mapping):
        ids = [c for c in free if _ID.search(plain_name(c)) and found.looks[c].moments <= _HALF]
        return f"; {first_five(ids)} may" if ids else ""
    if {"label", "winner", "score_a"} & set(found.mapping):
        return ""
    labels = [c for c in free if found.looks[c].could_be_label and found.looks[c].share_distinct <= _HALF]
    return f"; {first_five(labels)} may be one" if labels else ""
