"""Which column is what: names looked at first, then whether the values could be that, then how the columns hang
together.

The names follow what annotation vendors, survey tools and public data sets call their columns. A guess is only acted on
where an item (or both sides of a pair) and a label are beyond doubt; it is always said aloud.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from workbench.errors import first_five
from workbench.formats.files.document import Document
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.tables.cells import as_text
from workbench.formats.tables.column_looks import Look
from workbench.formats.tables.column_mapping import ALIASES, FIELDS, SAYS
from workbench.formats.tables.column_names import fields_named, is_rater, plain_name
from workbench.formats.tables.nested_records import WHO, Nesting, unnested
from workbench.formats.tables.pair_columns import find_pairs, sides_by_value
from workbench.formats.tables.survey_tables import (
    ANSWER,
    PERSON,
    QUESTION,
    find_crowd,
    melted,
    with_options_joined,
    without_second_header,
)

SAMPLE = 1_000
"""First rows whose values are looked at."""
CONFIDENT = 0.6
"""Score from which a column is used without asking."""
_PAIRED = ("response_a", "response_b", "model_a", "model_b")
_NO_LABELS = {*_PAIRED, "annotation_id", "shown_first", "annotator", "confidence", "seconds", "annotator_kind", "item"}
_BESIDE = ("item", "annotator", "seconds", "started_at", "ended_at", "annotation_id", "group", "model_a", "model_b")
"""Fields looked for beside those that a file names as the workbench does."""
_DECIDED = r"decision|verdict|judge?ment|prediction|winner|choice"
_CONTENT = r"response|output|text|content|reply|generation|completion|answer|sentence|utterance"


@dataclass(frozen=True)
class Guess:
    """What the columns of a file seem to hold.

    Attributes
    ----------
    mapping : field -> column, or columns.
    scores : field -> how sure, 0 to 1.
    rest : columns that found no use.
    document : the table these are columns of: the file's, or one made from it with one row a judgement.
    doubt : why this cannot be right, empty where nothing speaks against it.
    """

    mapping: dict[str, list[str]]
    scores: dict[str, float]
    rest: tuple[str, ...]
    document: Document = field(repr=False)
    doubt: str = ""

    @property
    def confident(self) -> bool:
        """Whether an item, or both sides of a pair, and a label are beyond doubt."""
        sure = {f for f, s in self.scores.items() if s >= CONFIDENT}
        says = "label" in sure or {"winner", "loser"} <= sure or {"score_a", "score_b"} <= sure
        wide = len(self.mapping.get("label", ())) > 1
        about = wide or "item" in sure or {"response_a", "response_b"} <= sure or {"winner", "loser"} <= sure
        return says and about and not self.doubt

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


_MOST_WORDS_OF_A_LABEL = 6
_NO_PERSON = re.compile(
    r"(turn|round|order|position|criteri|dimension|aspect|attribute|metric|language|lang|model|system|split|version"
    r"|trial|index|step|topic|category|domain|seed|rank|score|rating|country|gender|age|education|reason|comment|name)"
)
"""Names of columns that tell judgements of an item apart without naming who made them."""

MOST_LOOKED_AT = 2_000
"""Columns that are looked at; of wider tables the first ones."""

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
    if (own := _named_as_fields(document)) is not None:
        return own
    table, nesting = unnested(document)
    table = with_options_joined(without_second_header(table))
    sample = _sample(table)
    looks = {str(c): Look.at(sample[c]) for c in sample.columns}
    crowd = find_crowd(looks) if nesting.field is None else None
    if crowd is not None and crowd.rows_are_people:
        mapping = {"item": [QUESTION], "annotator": [PERSON], "label": [ANSWER]}
        rest = tuple(c for c in looks if c not in crowd.columns and c != crowd.person)
        return Guess(mapping, dict.fromkeys(mapping, 0.8), rest, melted(table, crowd))
    found = _Assignment(table, sample, looks, nesting)
    label = set(found.mapping.get("label", ()))
    if crowd is not None and set(crowd.columns) in [set(p) for p in (found.pairs.scores, found.pairs.models) if p]:
        crowd = None
    if crowd is not None and (found.scores.get("label", 0) < 0.9 or label <= set(crowd.columns)):
        found.take_crowd(crowd.columns)
    return found.guess()


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
        others = _Assignment(document, sample, {str(c): Look.at(sample[c]) for c in sample}, Nesting())
        for name, given in others.mapping.items():
            if name in _BESIDE and name not in named and set(given) <= set(rest):
                named[name], scores[name] = given, others.scores[name]
                rest = [c for c in rest if c not in given]
    return Guess(named, scores, tuple(rest), document)


class _Assignment:
    """Columns given to fields, step by step, each step looking at more than the one before."""

    def __init__(self, table: Document, sample: pd.DataFrame, looks: dict[str, Look], nesting: Nesting) -> None:
        self.table, self.sample, self.looks, self.nesting = table, sample, looks, nesting
        self.pairs = find_pairs(looks)
        self.mapping: dict[str, list[str]] = {}
        self.scores: dict[str, float] = {}
        self.named = {c: self._fields(c) for c in looks}
        self._take_pairs()
        self._take_by_name()
        self._take_nested()
        self._take_label_by_value()
        self._take_outcome()
        self._item_from_structure()
        self._last_label()
        self._gold_beside_labels()
        self._item_from_content()

    def give(self, field: str, columns: Sequence[str], score: float) -> None:
        """Gives columns to a field, and takes them from others."""
        for other in [f for f, c in self.mapping.items() if set(c) & set(columns) and f != field]:
            del self.mapping[other], self.scores[other]
        self.mapping[field], self.scores[field] = list(columns), score

    def used(self) -> set[str]:
        """The columns that have a use."""
        return {c for columns in self.mapping.values() for c in columns}

    def take_crowd(self, columns: Sequence[str]) -> None:
        """Makes these columns the labels of one annotator each."""
        self.mapping.pop("label", None)
        self.mapping.pop("annotator", None)
        self.give("label", columns, 0.8)
        if "item" not in self.mapping and not {"response_a", "response_b"} <= set(self.mapping):
            self._item_from_content()

    def guess(self) -> Guess:
        """The result."""
        order = {f: i for i, f in enumerate(FIELDS)}
        for one, other in (("response_a", "response_b"), ("model_a", "model_b"), ("winner", "loser")):
            if (one in self.mapping) != (other in self.mapping):
                self.mapping.pop(one, None), self.mapping.pop(other, None)
        mapping = dict(sorted(self.mapping.items(), key=lambda kv: order.get(kv[0], 99)))
        scores = {f: self.scores[f] for f in mapping}
        rest = tuple(c for c in self.looks if c not in self.used())
        return Guess(mapping, scores, rest, self.table, self._doubt())

    # ------------------------------------------------------------ steps

    def _fields(self, column: str) -> dict[str, float]:
        look = self.looks[column]
        found = {f: s for f, s in fields_named(column).items() if f not in _PAIRED and _could_be(look, f)}
        if look.sides and not {"gold", "shown_first", "annotator", "batch"} & set(found):
            found = {"label": max(found.get("label", 0.0) + 0.05, 0.75)}
        if {"seconds", "started_at", "ended_at"} & set(found):
            found.pop("label", None)
        if _NO_LABELS & set(found):
            found = {f: s for f, s in found.items() if f != "label" or s >= 0.9}
        return found

    def _take_pairs(self) -> None:
        for pair, fields in ((self.pairs.responses, _PAIRED[:2]), (self.pairs.models, _PAIRED[2:])):
            if pair is not None:
                for column, name in zip(pair, fields, strict=True):
                    self.give(name, [column], 0.9)

    def _take_by_name(self) -> None:
        taken = self.used() | {c for two in (self.pairs.scores, self.pairs.outcome) if two for c in two}
        scored = [
            (score, -i, name, column)
            for i, column in enumerate(self.looks)
            if column not in taken
            for name, score in self.named[column].items()
        ]
        for score, _, name, column in sorted(scored, reverse=True):
            if name not in self.mapping and column not in self.used():
                self.give(name, [column], score)

    def _take_nested(self) -> None:
        """Of judgements listed in a record, the label is among them; one beside the list is the right answer."""
        if self.nesting.field is None:
            return
        inner = [c for c in self.looks if c.startswith(f"{self.nesting.field}.")]
        says = [c for c in inner if not c.endswith(f".{WHO}") and self.looks[c].could_be_label]
        best = max(says, key=lambda c: (self.looks[c].sides, self.named[c].get("label", 0.0)), default=None)
        if best is None:
            return
        outer = self.mapping.get("label", [""])[0]
        if outer and outer not in inner and "gold" not in self.mapping:
            self.give("gold", [outer], 0.8)
        self.give("label", [best], 0.9)
        who = f"{self.nesting.field}.{WHO}"
        own = next((c for c in inner if c != best and self.named[c].get("annotator", 0.0) >= 0.6), None)
        if own or (who in self.looks and "annotator" not in self.mapping):
            self.give("annotator", [own or who], 0.8)

    def _take_label_by_value(self) -> None:
        """A label that repeats the value of one of two columns names the winner by it."""
        candidates = [
            c for c in self.looks if self.named[c].get("label", 0.0) >= 0.6 or c in self.mapping.get("label", [])
        ]
        candidates += [c for c in self.looks if fields_named(c).get("label", 0.0) >= 0.6 and c not in candidates]
        for a, b in (p for p in (self.pairs.responses, self.pairs.models, *self.pairs.others) if p):
            for column in candidates:
                if column in (a, b) or sides_by_value(self.sample[column], self.sample[a], self.sample[b]) is None:
                    continue
                names = _PAIRED[2:] if (a, b) == self.pairs.models else _PAIRED[:2]
                for name, side in zip(names, (a, b), strict=True):
                    self.give(name, [side], 0.9)
                self.give("label", [column], 0.9)
                return
        if not {"response_a", "model_a"} & set(self.mapping) and self.looks_sided():
            self._things_compared()

    def looks_sided(self) -> bool:
        """Whether the label says in words which side is better."""
        return any(self.looks[c].sides for c in self.mapping.get("label", ()))

    def _things_compared(self) -> None:
        """Two columns of ids are the responses where the label chooses between sides and there is nothing else."""
        two = next(
            (
                p
                for p in self.pairs.others
                if p != self.pairs.scores and not set(p) & set(self.mapping.get("label", ()))
            ),
            None,
        )
        if two is not None and "item" not in self.mapping:
            for name, side in zip(_PAIRED[:2], two, strict=True):
                self.give(name, [side], 0.7)

    def _take_outcome(self) -> None:
        """Who won against whom, or the scores of both sides, where no column says which is better."""
        label = self.mapping.get("label", [""])[0]
        if self.pairs.outcome is not None and not (label and self.looks[label].sides):
            if label in self.pairs.outcome:
                del self.mapping["label"], self.scores["label"]
            self.mapping.pop("label", None)
            for name, column in zip(("winner", "loser"), self.pairs.outcome, strict=True):
                self.give(name, [column], 0.9)
            return
        compared = {"response_a", "model_a"} & set(self.mapping)
        if self.pairs.scores is not None and compared and self.scores.get("label", 0.0) < 0.7:
            self.mapping.pop("label", None)
            for name, column in zip(("score_a", "score_b"), self.pairs.scores, strict=True):
                self.give(name, [column], 0.8)

    def _item_from_structure(self) -> None:
        """Of the ids, the item's is the one that several annotators share and none has twice."""
        who = self.mapping.get("annotator")
        candidates = {c: s["item"] for c, s in self.named.items() if "item" in s}
        candidates |= {c: s["group"] - 0.1 for c, s in self.named.items() if "group" in s and c not in candidates}
        free = self.used() - set(self.mapping.get("item", ())) - set(self.mapping.get("group", ()))
        candidates = {c: s for c, s in candidates.items() if c not in free and self._fits(c)}
        if not candidates:
            if "item" in self.mapping and not self._fits(self.mapping["item"][0]):
                self.give("annotation_id", self.mapping["item"], 0.5)
            return
        best = max(
            candidates, key=lambda c: (round(self._shared(c, who), 2), candidates[c], -list(self.looks).index(c))
        )
        old = self.mapping.get("item", [best])[0]
        if best != old and self._shared(best, who) <= self._shared(old, who) and self._fits(old):
            best = old
        if best != old and self.looks[old].share_distinct == 1.0 and "annotation_id" not in self.mapping:
            self.give("annotation_id", [old], 0.5)
        self.give("item", [best], max(candidates.get(best, 0.6), 0.6))

    def _fits(self, column: str) -> bool:
        """Whether what was judged is one and the same for each value of this column."""
        content = [c for f in ("response_a", "response_b") for c in self.mapping.get(f, ())]
        if not content:
            label = self.mapping.get("label", [""])[0]
            content = [
                c
                for c, look in self.looks.items()
                if look.texts_like
                and c not in (column, label)
                and pd.Series([c]).str.contains(_CONTENT, case=False).any()
                and "reason" not in self.named[c]
            ]
        by = self.sample[column].astype(object).map(as_text)
        for each in content:
            if each in self.used() and self.mapping.get("reason") == [each]:
                continue
            distinct = self.sample[each].astype(object).map(as_text).groupby(by).nunique()
            if len(distinct) and (distinct > 1).mean() > 0.1:
                return False
        return True

    def _shared(self, column: str, who: Sequence[str] | None) -> float:
        """Share of rows whose item has several annotators, less those that repeat an annotator's judgement."""
        item = self.sample[column].astype(object).map(as_text)
        if who is None:
            return float(item.duplicated(keep=False).mean()) if self.looks[column].distinct > 1 else 0.0
        both = pd.DataFrame({"item": item, "who": self.sample[who[0]].astype(object).map(as_text)})
        several = both.groupby("item")["who"].transform("nunique") > 1
        again = both.duplicated()
        return float(several.mean() - again.mean())

    def _last_label(self) -> None:
        """Where one column alone is left that could be the label, it is."""
        if self.mapping.keys() & {"label", "winner", "score_a"} and self.scores.get("label", 1.0) >= CONFIDENT:
            return
        left = [
            c
            for c in self.looks
            if c not in self.used()
            and self.looks[c].distinct >= 2
            and self.looks[c].could_be_label
            and not self.named[c].keys() & {"shown_first", "annotator_kind", "gold", "batch"}
            and self._varies(c)
        ]
        if len(left) == 1:
            self.give("label", left, 0.6)

    def _varies(self, column: str) -> bool:
        """Whether people differ on an item in this column, and not each person always says the same."""
        item, who = self.mapping.get("item"), self.mapping.get("annotator")
        if item is None or who is None:
            return False
        values = self.sample[column].astype(object).map(as_text)
        of_item = values.groupby(self.sample[item[0]].astype(object).map(as_text)).nunique()
        of_person = values.groupby(self.sample[who[0]].astype(object).map(as_text)).nunique()
        return bool((of_item > 1).any() and (of_person > 1).any())

    def _gold_beside_labels(self) -> None:
        """Of two columns that could be the label, the one that never differs within an item is the right answer."""
        if "gold" in self.mapping or "label" not in self.mapping:
            return
        label = self.mapping["label"][0]
        same = [c for c in self._other_labels() if self.looks[c].words & self.looks[label].words]
        if len(same) != 1 or not self.looks[label].sides:
            return
        one, other = label, same[0]
        varies = {c: self._varies(c) for c in (one, other)}
        if varies[one] == varies[other]:  # nothing to see in the values: a decision is said, a label or target is right
            said = {c: re.search(_DECIDED, c, re.I) is not None for c in (one, other)}
            varies = said if said[one] != said[other] else varies
        if varies[one] == varies[other]:
            return
        self.give("label", [one if varies[one] else other], 0.9)
        self.give("gold", [other if varies[one] else one], 0.7)

    def _names_items(self, column: str) -> bool:
        """Whether a column says nothing but which item it is."""
        item = self.mapping.get("item")
        if item is None or self.looks[column].distinct <= 5:
            return False
        values = self.sample[column].astype(object).map(as_text)
        of = self.sample[item[0]].astype(object).map(as_text)
        once = values.groupby(of).nunique().max() <= 1
        return bool(once and of.duplicated().any() and values.nunique() > 0.8 * of.nunique())

    def _other_labels(self) -> list[str]:
        """Columns without a use that say in words which side is better, as the label does."""
        return [c for c in self.looks if c not in self.used() and self.looks[c].sides]

    def _item_from_content(self) -> None:
        """Without an id and a pair, the text that was judged is the item."""
        if "item" in self.mapping or {"response_a", "response_b"} <= set(self.mapping):
            return
        if {"winner", "loser"} <= set(self.mapping) or {"model_a", "model_b"} <= set(self.mapping):
            return
        texts = [
            c
            for c, look in self.looks.items()
            if look.texts_like
            and c not in self.used() - set(self.mapping.get("prompt", ()))
            and "reason" not in self.named[c]
        ]
        who = self.mapping.get("annotator")
        shared = [c for c in texts if self._shared(c, who) > 0 or self.looks[c].share_distinct == 1.0]
        if shared:
            best = max(shared, key=lambda c: (self.looks[c].distinct, -list(self.looks).index(c)))
            self.give("item", [best], 0.6)

    def _doubt(self) -> str:
        """What speaks against the mapping as a whole."""
        label = self.mapping.get("label", [])
        if lost := self._lost_person():
            return f"no column is called as the person who judged, but {lost!r} may name it"
        if len(label) == 1:
            look = self.looks[label[0]]
            if look.words_each > _MOST_WORDS_OF_A_LABEL and look.share_distinct > 0.5 and not look.sides:
                return f"the column {label[0]!r} holds texts, no labels"
            if look.distinct > 60 and not look.all_numbers and "response_a" not in self.mapping:
                return f"the column {label[0]!r} has {look.distinct:,} different values, too many for labels"
            if self._names_items(label[0]):
                return (
                    f"the column {label[0]!r} has another value for each item and the same for everybody who judged it"
                )
            best = fields_named(label[0]).get("label", 0.0)
            rivals = [
                c
                for c in self._other_labels()
                if fields_named(c).get("label", 0.0) >= best and self.looks[c].texts != look.texts
            ]
            if look.sides and rivals:
                return f"any of {first_five([*label, *rivals])} could be the label"
            if self.nesting.field == "games":
                return "nothing says whether the sides of the second game are exchanged"
            strong = [
                c
                for c in self.looks
                if c not in self.used()
                and self.named[c].get("label", 0.0) >= self.scores["label"] - 0.05
                and self.looks[c].distinct > 1
                and c not in label
            ]
            if self.scores["label"] <= 0.65 and len(strong) >= 1:
                return f"any of {first_five([*label, *strong])} could be the label"
        return ""

    def _lost_person(self) -> str:
        """A column without a use that may name the person: several rows an item, no value twice on one item, and each
        on several items; empty where there is none or the person is known.
        """
        about = [c for f in ("item", *_PAIRED, "prompt") for c in self.mapping.get(f, ())]
        if "annotator" in self.mapping or not about or len(self.mapping.get("label", ())) != 1:
            return ""
        item = pd.factorize(pd.MultiIndex.from_frame(self.sample[about].astype(str)))[0]
        rows, items = len(item), int(item.max(initial=-1)) + 1
        if rows < 1.5 * items:
            return ""
        for column, look in self.looks.items():
            if column in self.used() or look.rows < rows or not 2 <= look.distinct <= rows // 2 or look.sides:
                continue
            if look.durations > 0.5 or look.moments > 0.5 or _NO_PERSON.search(plain_name(column)):
                continue
            who = pd.factorize(self.sample[column].astype(str))[0]
            cells = pd.Series(item * (look.distinct + 1) + who)
            if not cells.duplicated().any() and (np.bincount(who) > 1).all():
                return column
        return ""


def _could_be(look: Look, name: str) -> bool:
    """Whether nothing speaks against a column holding this field."""
    if look.rows == 0:
        return False
    if name in ("label", "gold", "shown_first", "annotator_kind"):
        if name == "label" and look.all_numbers and look.distinct > 1:
            return True
        return (
            look.could_be_label
            and (name != "shown_first" or look.distinct <= 3)
            and (name != "annotator_kind" or look.distinct <= 4)
        )
    if name == "seconds":
        return look.durations > 0.8
    if name == "confidence":
        return look.numeric > 0.8
    if name == "reason":
        return not look.all_numbers
    if name in ("started_at", "ended_at"):
        return look.moments > 0.8
    if name == "annotator":
        return look.longest <= 120 and (look.share_distinct < 1.0 or look.rows < 5)
    if name in ("item", "group", "annotation_id", "batch", "model_a", "model_b"):
        return look.longest <= 200 and (name != "annotation_id" or look.share_distinct > 0.5)
    return True


def _sample(document: Document) -> pd.DataFrame:
    """The first rows of the columns that are looked at."""
    if isinstance(document.content, ParquetTable):
        sample = document.content.head(SAMPLE)
    elif document.shape == "records":
        sample = Document(name=document.name, shape="records", content=document.records[:SAMPLE]).table
    else:
        sample = document.table.head(SAMPLE)
    return sample.iloc[:, :MOST_LOOKED_AT]
