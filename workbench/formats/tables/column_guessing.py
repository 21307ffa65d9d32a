"""Which column is what: names looked at first, then whether the values could be that, then how the columns hang
together.

The names follow what annotation vendors, survey tools and public data sets call their columns. A guess is only acted on
where an item (or both sides of a pair) and a label are beyond doubt; it is always said aloud.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import pandas as pd

from workbench.errors import first_five
from workbench.formats.files.document import Document
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.tables.column_assignment import CONFIDENT, Assignment
from workbench.formats.tables.column_looks import Look
from workbench.formats.tables.column_names import is_rater
from workbench.formats.tables.doubt import Doubt, doubt_about
from workbench.formats.tables.guessing_doubts import doubts, hints
from workbench.formats.tables.guessing_items import item_from_content, item_from_structure, item_from_the_only_id
from workbench.formats.tables.guessing_labels import (
    gold_beside_labels,
    last_label,
    leave_out_other_gold,
    take_label_by_value,
    take_nested,
    take_outcome,
)
from workbench.formats.tables.guessing_sides import settle_exchanged
from workbench.formats.tables.mapping_fields import ALIASES, FIELDS, SAYS
from workbench.formats.tables.nested_records import Nesting, unnested
from workbench.formats.tables.summary_rows import without_summary_rows
from workbench.formats.tables.survey_tables import (
    ANSWER,
    PERSON,
    QUESTION,
    Crowd,
    find_crowd,
    melted,
    mixed_questions,
    with_options_joined,
    without_second_header,
)
from workbench.formats.tables.told_apart import doubts_of_the_item

SAMPLE = 1_000
"""First rows whose values are looked at."""
MOST_LOOKED_AT = 2_000
"""Columns that are looked at; of wider tables the first ones."""
_FIGURE = re.compile(r"\d+[.,]\d+|\d{5,}")
_FIGURES_IN_A_HEADER = 2
_BESIDE = (
    *("item", "annotator", "seconds", "started_at", "ended_at", "annotation_id", "group", "model_a", "model_b"),
    "gold",
)
"""Fields looked for beside those that a file names as the workbench does."""


@dataclass(frozen=True)
class Guess:
    """What the columns of a file seem to hold.

    Attributes
    ----------
    mapping : field -> column, or columns.
    scores : field -> how sure, 0 to 1.
    rest : columns that found no use.
    document : the table these are columns of: the file's, or one made from it with one row a judgement.
    doubts : what speaks against it, the weightiest first; empty where nothing does.
    hint : which columns may be what is missing, in words.
    """

    mapping: dict[str, list[str]]
    scores: dict[str, float]
    rest: tuple[str, ...]
    document: Document = field(repr=False)
    doubts: tuple[Doubt, ...] = ()
    hint: str = ""

    @property
    def doubt(self) -> str:
        """The weightiest doubt, empty where there is none."""
        return self.doubts[0].says if self.doubts else ""

    @property
    def confident(self) -> bool:
        """Whether an item, both sides of a pair or a prompt with two models, and a label are beyond doubt."""
        sure = {f for f, s in self.scores.items() if s >= CONFIDENT}
        says = "label" in sure or {"winner", "loser"} <= sure or {"score_a", "score_b"} <= sure
        wide = len(self.mapping.get("label", ())) > 1
        named = ({"item"}, {"response_a", "response_b"}, {"winner", "loser"}, {"prompt", "model_a", "model_b"})
        about = wide or any(fields <= sure for fields in named)
        return says and about and not self.doubts

    @property
    def missing(self) -> str:
        """What no column could be found for, in words."""
        sure = {f for f, s in self.scores.items() if s >= CONFIDENT}
        says = sure & {"label", "winner", "score_a"}
        about = bool(sure & {"item", "response_a", "winner"}) or {"prompt", "model_a"} <= sure
        if says and not about:
            column = self.mapping[min(says)][0]
            return f"{column!r} may be the judgement, but nothing names what was judged{self.hint}"
        if about and not says:
            return f"no column could be a judgement{self.hint}"
        return "neither a judgement nor what was judged was found"

    @property
    def holds_texts(self) -> bool:
        """Whether this is a file of texts that belong to the items of another."""
        return (
            not {"label", "winner", "score_a"} & set(self.mapping)
            and "item" in self.mapping
            and any(f in self.mapping for f in ("prompt", "response_a", "response_b"))
        )

    def sentence(self) -> str:
        """The mapping in words: `item is task_id, label is choice`."""
        return ", ".join(f"{field} is {' and '.join(columns)}" for field, columns in self.mapping.items())


_KNOWN: WeakKeyDictionary[Document, Guess] = WeakKeyDictionary()


def guess_columns(document: Document) -> Guess:
    """Guesses what each column holds; each is used once, each field takes the column that fits it best.

    A file whose columns are called as the fields themselves (`item_id`, `label`, `annotator`, `slice.language`, ...) is
    read as it says. Nested judgements, surveys with a row a respondent and columns of one option each are brought to
    one row a judgement first.
    """
    if document not in _KNOWN:
        _KNOWN[document] = _guess(document)
    return _KNOWN[document]


def guess_as(document: Document, first: Guess) -> None:
    """Takes the columns of a stretch of a file for what those of its first rows were guessed to be."""
    _KNOWN[document] = replace(first, document=document)


def _guess(document: Document) -> Guess:
    whole = without_summary_rows(document)
    if (own := _named_as_fields(whole)) is not None:
        return own
    table, nesting = unnested(whole)
    table = with_options_joined(without_second_header(table))
    sample = _sample(table)
    looks = {str(c): Look.at(sample[c]) for c in sample.columns}
    crowd = find_crowd(looks) if nesting.field is None else None
    if crowd is not None and crowd.rows_are_people:
        mapping = {"item": [QUESTION], "annotator": [PERSON], "label": [ANSWER]}
        rest = tuple(c for c in looks if c not in crowd.columns and c != crowd.person)
        doubts = (doubt,) if (doubt := mixed_questions(crowd.columns, rest)) is not None else ()
        return Guess(mapping, dict.fromkeys(mapping, 0.8), rest, melted(table, crowd), doubts)
    found = _assigned(table, sample, looks, nesting)
    if crowd is not None:
        _take_crowd(found, crowd)
    return _as_guess(found)


def _assigned(table: Document, sample: pd.DataFrame, looks: dict[str, Look], nesting: Nesting) -> Assignment:
    """Columns given to fields, step by step, each step looking at more than the one before."""
    found = Assignment(table, sample, looks, nesting)
    take_nested(found)
    take_label_by_value(found)
    take_outcome(found)
    item_from_structure(found)
    last_label(found)
    gold_beside_labels(found)
    item_from_the_only_id(found)
    item_from_content(found)
    leave_out_other_gold(found)
    return found


def _take_crowd(found: Assignment, crowd: Crowd) -> None:
    """Makes the columns of several people the labels, one annotator each, unless they are scores or models of the two
    sides, or another column is the label beyond doubt.
    """
    if set(crowd.columns) in [set(p) for p in (found.pairs.scores, found.pairs.models) if p]:
        return
    if found.scores.get("label", 0) >= 0.9 and not set(found.mapping.get("label", ())) <= set(crowd.columns):
        return
    found.mapping.pop("label", None)
    person = found.mapping.pop("annotator", [""])[0]
    found.person_aside = "" if person in crowd.columns else person
    found.give("label", crowd.columns, 0.8)
    if "item" not in found.mapping and not {"response_a", "response_b"} <= set(found.mapping):
        item_from_content(found)


def _as_guess(found: Assignment) -> Guess:
    order = {f: i for i, f in enumerate(FIELDS)}
    for one, other in (("response_a", "response_b"), ("model_a", "model_b"), ("winner", "loser")):
        if (one in found.mapping) != (other in found.mapping):
            found.mapping.pop(one, None), found.mapping.pop(other, None)
    only_models = "model_a" in found.mapping and not {"item", "response_a"} & set(found.mapping)
    if only_models and all(found.looks[c].distinct == 1 for c in found.mapping.get("prompt", ())):
        found.mapping.pop("prompt", None)  # the same in each row: it names nothing
    exchanged = settle_exchanged(found)
    column = found.mapping.get("shown_first", [""])[0]
    ways = (("as shown", {"exchanged": column}), ("as in the other rows", {"shown_first": column}))
    asked = [doubt_about("exchanged shown_first", exchanged, *ways)] if exchanged else []
    mapping = dict(sorted(found.mapping.items(), key=lambda kv: order.get(kv[0], 99)))
    scores = {f: found.scores[f] for f in mapping}
    rest = tuple(c for c in found.looks if c not in found.used())
    return Guess(mapping, scores, rest, found.table, (*_headless(found), *doubts(found), *asked), hints(found))


def _headless(found: Assignment) -> list[Doubt]:
    """Says so where the names of the columns look like a first row of values."""
    numbers = [c for c in found.looks if _FIGURE.fullmatch(c.strip())]
    alike = [c for c in numbers if found.looks[c].all_numbers or found.looks[c].moments > 0.5]
    if len(alike) < _FIGURES_IN_A_HEADER:
        return []
    return [Doubt(f"the file seems to have no header: {first_five(alike)} stand where names of columns should")]


def _named_as_fields(document: Document) -> Guess | None:
    """The mapping of a file whose columns are called as the fields; the columns of other names only where a field is
    missing.
    """
    columns = document.columns
    own = set(FIELDS) - SAYS | {"label"}
    named = {ALIASES.get(c, c): [c] for c in columns if ALIASES.get(c, c) in own or c.startswith(("slice.", "dim."))}
    whole = "label" in named and ("item" in named or {"response_a", "response_b"} <= set(named))
    raters = sum(is_rater(c) for c in columns)
    of_texts = "item" in named and "response_a" in named and "label" not in named and raters < 2
    if not (whole or of_texts):
        return None
    rest = [c for c in columns if [c] not in named.values()]
    scores = dict.fromkeys(named, 1.0)
    if whole and rest:
        sample = _sample(document)
        others = _assigned(document, sample, {str(c): Look.at(sample[c]) for c in sample}, Nesting())
        for name, given in others.mapping.items():
            if name in _BESIDE and name not in named and set(given) <= set(rest):
                named[name], scores[name] = given, others.scores[name]
                rest = [c for c in rest if c not in given]
        others.mapping, others.scores = dict(named), dict(scores)
        return Guess(named, scores, tuple(rest), document, tuple(doubts_of_the_item(others)))
    return Guess(named, scores, tuple(rest), document)


def _sample(document: Document) -> pd.DataFrame:
    """The first rows of the columns that are looked at."""
    if isinstance(document.content, ParquetTable):
        sample = document.content.head(SAMPLE)
    elif document.shape == "records":
        sample = Document(name=document.name, shape="records", content=document.records[:SAMPLE]).table
    else:
        sample = document.table.head(SAMPLE)
    return sample.iloc[:, :MOST_LOOKED_AT]
