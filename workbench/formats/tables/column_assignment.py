"""Columns given to fields: what names say and values allow; the other modules of guessing change it step by step."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from workbench.dataset.side_words import side_and_level
from workbench.errors import shortened
from workbench.formats.files.document import Document
from workbench.formats.tables.cells import as_text
from workbench.formats.tables.column_looks import Look
from workbench.formats.tables.column_names import ABOUT_PEOPLE, DERIVED, FIGURES, fields_named, plain_name
from workbench.formats.tables.nested_records import Nesting
from workbench.formats.tables.pair_columns import find_pairs

CONFIDENT = 0.6
"""Score from which a column is used without asking."""
PAIRED = ("response_a", "response_b", "model_a", "model_b")
_NO_LABELS = {*PAIRED, "annotation_id", "shown_first", "annotator", "confidence", "seconds", "annotator_kind", "item"}


_WEAK = 0.6
"""How sure a name is that many other things have, too, such as `answer`."""
_WON = re.compile(r"win|won|best|better|prefer|chosen|choice|select|vote|pick|first|shown")
_MOST_SHOWN, _LONGEST_SHOWN = 5, 24
_MANY_ROWS, _CONSTANT = 4, 0.5
"""A column that says the same in this many rows is no judgement beyond doubt."""


class Assignment:
    """Columns given to fields by their names, as far as the values allow.

    Attributes
    ----------
    mapping, scores : field -> columns; field -> how sure, 0 to 1.
    named : column -> the fields it could be by its name, each with how sure that is.
    pairs : the columns that come in twos.
    person_aside : a column called as the person, where several columns were taken for one person's labels each.
    """

    person_aside = ""

    def __init__(self, table: Document, sample: pd.DataFrame, looks: dict[str, Look], nesting: Nesting) -> None:
        self.table, self.sample, self.looks, self.nesting = table, sample, looks, nesting
        self.pairs = find_pairs(looks)
        self.mapping: dict[str, list[str]] = {}
        self.scores: dict[str, float] = {}
        self.named = {c: self._fields(c) for c in looks}
        self._take_pairs()
        self._take_by_name()

    def give(self, field: str, columns: Sequence[str], score: float) -> None:
        """Gives columns to a field, and takes them from others."""
        for other in [f for f, c in self.mapping.items() if set(c) & set(columns) and f != field]:
            del self.mapping[other], self.scores[other]
        self.mapping[field], self.scores[field] = list(columns), score

    def used(self) -> set[str]:
        """The columns that have a use."""
        return {c for columns in self.mapping.values() for c in columns}

    def text(self, column: str) -> pd.Series:
        """The cells of a column as text."""
        return self.sample[column].astype(object).map(as_text)

    def spread(self, column: str) -> str:
        """How often the commonest values of a column occur, in words: `yes 14, no 9`."""
        counts = self.text(column).dropna().value_counts()
        shown = ", ".join(
            f"{shortened(str(value), _LONGEST_SHOWN)} {n:,}" for value, n in counts.head(_MOST_SHOWN).items()
        )
        return shown if len(counts) <= _MOST_SHOWN else f"{shown} and {len(counts) - _MOST_SHOWN} more"

    def looks_sided(self) -> bool:
        """Whether the label says in words which side is better."""
        return any(self.looks[c].sides for c in self.mapping.get("label", ()))

    def varies(self, column: str) -> bool:
        """Whether people differ on an item in this column, and not each person always says the same."""
        item, who = self.mapping.get("item"), self.mapping.get("annotator")
        if item is None or who is None:
            return False
        values = self.text(column)
        of_item = values.groupby(self.text(item[0])).nunique()
        of_person = values.groupby(self.text(who[0])).nunique()
        return bool((of_item > 1).any() and (of_person > 1).any())

    def other_labels(self) -> list[str]:
        """Columns without a use that say in words which side is better, as the label does, and were not made of it."""
        free = [c for c in self.looks if c not in self.used() and self.looks[c].sides]
        return [c for c in free if not DERIVED.search(plain_name(c))]

    def _fields(self, column: str) -> dict[str, float]:
        look = self.looks[column]
        if ABOUT_PEOPLE.search(plain_name(column)):
            return {}
        found = {f: s for f, s in fields_named(column).items() if f not in PAIRED and _could_be(look, f)}
        if look.sides and _names_a_model(column, look):
            return {f: s for f, s in found.items() if f != "label"}
        if look.sides and not {"gold", "shown_first", "annotator", "batch"} & set(found):
            found = {"label": max(found.get("label", 0.0) + 0.05, 0.75)}
        if {"seconds", "started_at", "ended_at"} & set(found) or FIGURES.search(plain_name(column)):
            found.pop("label", None)
        if found.get("label", 0.0) <= _WEAK and plain_name(column).endswith(("_id", "_ids", "_key", "_uuid")):
            found.pop("label", None)
        if "label" in found and look.distinct == 1 and look.rows >= _MANY_ROWS and not _names_a_side(look):
            found["label"] = min(found["label"], _CONSTANT)
        if _NO_LABELS & set(found):
            found = {f: s for f, s in found.items() if f != "label" or s >= 0.9}
        return found

    def _take_pairs(self) -> None:
        for pair, fields in ((self.pairs.responses, PAIRED[:2]), (self.pairs.models, PAIRED[2:])):
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


def _names_a_side(look: Look) -> bool:
    """Whether a column that says one thing throughout says that one side is better, or that both are equal."""
    return look.distinct == 1 and all(side_and_level(word) is not None for word in look.words)


def _names_a_model(column: str, look: Look) -> bool:
    """Whether a column says which system gave an answer, in names such as `online-A`, and not which of two won."""
    name = plain_name(column)
    if not re.search(r"(?:^|_)(?:model|system|engine|generator)s?(?:_(?:id|name))?$", name) or _WON.search(name):
        return False
    return not any((side_and_level(word) or (1, 0))[0] == 0 for word in look.words)


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
        return look.longest <= 120 and not look.lists and (look.share_distinct < 1.0 or look.rows < 5)
    if name in ("prompt", "group") and look.flags:
        return False
    if name in ("item", "group", "annotation_id", "batch", "model_a", "model_b"):
        return look.longest <= 200 and (name != "annotation_id" or look.share_distinct > 0.5)
    return True
