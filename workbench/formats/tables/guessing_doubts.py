"""What speaks against a guess as a whole: then the user is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.errors import first_five
from workbench.formats.tables.answers_in_columns import column_per_answer, counts_of_votes
from workbench.formats.tables.column_assignment import PAIRED, Assignment
from workbench.formats.tables.column_looks import Look
from workbench.formats.tables.column_names import PART_OF_THE_THING, fields_named, plain_name
from workbench.formats.tables.columns_left_over import doubts_of_the_rest, is_a_survey
from workbench.formats.tables.doubt import Doubt, doubt_about
from workbench.formats.tables.guessing_items import names_items
from workbench.formats.tables.missing_roles import missing_roles
from workbench.formats.tables.pair_columns import sides_by_value
from workbench.formats.tables.reading_checks import role_doubts
from workbench.formats.tables.told_apart import judged_by_dimension

_MOST_WORDS_OF_A_LABEL = 6
_FEW_ROWS, _FEW_ITEMS = 4, 2
_FRACTION = re.compile(r"[.,]\d*[1-9]")
_MOST_POINTS = 10
_HALF, _SHOWN = 0.5, 4
_ID = re.compile(r"(?:^|_)(?:id|idx|key|uuid|path|file|filename)$")
_PLACE = re.compile(
    r"(?:^|_)(?:bbox|bounding_box|box|polygon|points|segmentation|mask|start_offset|end_offset|char_start|char_end|span|"
    r"[xy]_?min|[xy]_?max|x_?[12]|y_?[12])(?:_|$)"
)
_PERSON_IN_NAME = re.compile(
    r"(?:^|_)(?:rater|annotator|worker|judge|coder|labell?er|evaluator|grader|expert|human|person)_?(?:\d+|[a-h])(?=_|$)"
)
_CORNERS = 2
"""Columns of a flat table that say where a label stands, as its corners."""
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
    if (survey := is_a_survey(found) or _marks_places(found)) is not None:
        return [survey]
    if (grid := _questions_by_people(found)) is not None:
        said.append(grid)
    if found.person_aside:
        said.append(_labels_beside_a_person(found))
    said += [doubt for doubt in (counts_of_votes(found), column_per_answer(found)) if doubt is not None]
    said += role_doubts(found)
    label = found.mapping.get("label", [])
    if len(label) == 1:
        words = _no_labels(found, label[0]) or _nobody_judged(found, label[0])
        said += [doubt_about("label", words)] if words else []
        rivals = None if words else _rivals(found, label[0])
        said += [rivals] if rivals is not None else []
    if (dimension := judged_by_dimension(found)) is not None:
        said.append(dimension)
    return said + doubts_of_the_rest(found) + missing_roles(found)


def _marks_places(found: Assignment) -> Doubt | None:
    """Each label stands at a place in a picture, a sound or a text, so that an item has many and none is the item's."""
    inside = f"{found.nesting.field}." if found.nesting.field is not None else ""
    places = [c for c in found.looks if c.startswith(inside) and _PLACE.search(plain_name(c.removeprefix(inside)))]
    if len(places) < (1 if inside else _CORNERS):
        return None
    return Doubt(
        f"{first_five(places)} say where in a thing each label stands: these mark parts of things, and do not judge one"
        " thing each",
        remedy="Open a table with one label for each thing and person.",
    )


def _questions_by_people(found: Assignment) -> Doubt | None:
    """Each of several people answered several questions, in a column each: `role_coder1`, `role_coder2`."""
    of: dict[str, list[str]] = {}
    for column in found.mapping.get("label", []):
        of.setdefault(_PERSON_IN_NAME.sub("_", plain_name(column)).strip("_"), []).append(column)
    if len(of) < 2 or min(map(len, of.values())) < 2 or len({len(columns) for columns in of.values()}) > 1:
        return None
    return doubt_about(
        "label",
        f"the columns are called after {len(of)} questions and {len(next(iter(of.values())))} people each"
        f" ({first_five(of)}): answers to different questions are not judgements of one kind",
        *(
            (f"{question!r} is the question", {"label": ",".join(columns)})
            for question, columns in list(of.items())[:_SHOWN]
        ),
    )


def _labels_beside_a_person(found: Assignment) -> Doubt:
    """Several columns look like one person's labels each, and a column names who answered in all of them."""
    labels, who = found.mapping["label"], found.person_aside
    return doubt_about(
        "label",
        f"{first_five(labels)} answer in the same words, and {who!r} may name who gave all of these answers",
        *(
            (f"{c!r} is what {who!r} judged ({found.spread(c)})", {"label": c, "annotator": who})
            for c in labels[:_SHOWN]
        ),
        ("each column is another person's", {"label": ",".join(labels)}),
    )


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
    if "annotator" in found.mapping or set(PAIRED) & set(found.mapping):
        return ""
    look = found.looks[label]
    if "item" not in found.mapping or (look.rows < _FEW_ROWS and look.sides):
        return ""
    said, item = found.text(label), found.text(found.mapping["item"][0])
    if not look.sides and look.distinct == look.rows and not item.duplicated().any():
        return f"the column {label!r} has another value in each row, and nobody is named who judged"
    if found.nesting.field is not None:
        return ""
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
        return _any_of(found, [label, *rivals])
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
    return _any_of(found, [label, *strong]) if found.scores["label"] <= 0.65 and strong else None


def _any_of(found: Assignment, columns: Sequence[str]) -> Doubt:
    """Asks which of several columns is the label, or whether each is one person's where they are called alike."""
    alone = [(f"it is {c!r} ({found.spread(c)})", {"label": c}) for c in columns[:_SHOWN]]
    alike = len({re.sub(r"\d+|(?<=[\W_])\w{1,3}$", "#", c) for c in columns}) == 1
    everybody = [("each of them is another person's", {"label": ",".join(columns)})] if alike else []
    return doubt_about("label", f"any of {first_five(columns)} could be the label", *everybody, *alone)


def _same_said(found: Assignment, one: str, other: str) -> bool:
    """Whether two columns say the same in other words, as a number and its name do."""
    a, b = found.text(one), found.text(other)
    if min(len(found.looks[c].words) for c in (one, other)) < 2:  # one word beside another says nothing
        return False
    return bool(a.groupby(b).nunique().max() <= 1 and b.groupby(a).nunique().max() <= 1)


def _points(text: str) -> float:
    """The size of a number that is written as text."""
    return abs(float(pd.to_numeric(text.replace(",", "."), errors="coerce")))


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
        named = fields_named(column)
        if {"seconds", "label", "gold"} & set(named) or (look.durations > _HALF and not _whole(look)):
            continue
        if look.moments > _HALF or _NO_PERSON.search(plain_name(column)):
            continue
        who = pd.factorize(found.sample[column].astype(str))[0]
        cells = pd.Series(item * (look.distinct + 1) + who)
        if not cells.duplicated().any() and (np.bincount(who) > 1).all():
            return column
    return ""


def _whole(look: Look) -> bool:
    """Whether every value is a whole number, as ids are and durations seldom."""
    return all(text.isdigit() for text in look.texts)


def hints(found: Assignment) -> str:
    """Which columns may be the judgement, or name what was judged, where none is."""
    free = [c for c in found.looks if c not in found.used() and found.looks[c].rows]
    if not {"item", "response_a", "winner"} & set(found.mapping):
        ids = [c for c in free if _ID.search(plain_name(c)) and found.looks[c].moments <= _HALF]
        return f"; {first_five(ids)} may" if ids else ""
    if {"label", "winner", "score_a"} & set(found.mapping):
        return ""
    labels = [
        c
        for c in free
        if found.looks[c].could_be_label
        and found.looks[c].share_distinct <= _HALF
        and not PART_OF_THE_THING.search(plain_name(c))
    ]
    return f"; {first_five(labels)} may be one" if labels else ""
