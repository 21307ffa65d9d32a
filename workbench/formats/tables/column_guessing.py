"""Which column is what: names looked at first, then whether the values could be that.

The names follow what annotation vendors and public data sets call their columns. A guess is only acted on where an
item (or both responses) and a label are beyond doubt; it is always said aloud.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.formats.files.document import Document
from workbench.formats.files.parquet import ParquetTable
from workbench.formats.records.times import to_moment
from workbench.formats.tables.cells import as_text
from workbench.formats.tables.column_mapping import ALIASES, FIELDS

SAMPLE = 1_000
"""First rows whose values are looked at."""
CONFIDENT = 0.6
"""Score from which a column is used without asking."""

_A, _B = r"(a|1|left|x)", r"(b|2|right|y)"
_THING = r"(response|answer|output|completion|candidate|option|summary|text|reply|generation|arg|argument|continuation)"
_MODEL = r"(model|generator|system|source|policy|bot|engine)"
_NAMES: tuple[tuple[str, str, float], ...] = (
    (
        "gold",
        r"(gold|golden|ground_truth|honeypot|benchmark|gold_(label|answer)|expected|correct(_label|_answer)?)$",
        0.9,
    ),
    ("gold", r"^(?!is_|has_).*(gold|ground_truth|honeypot|benchmark)", 0.7),
    ("annotation_id", r"(annotation|assignment|judge?ment|response|rating|label)_?ids?$|.*_annotation_ids?$", 0.9),
    ("annotator_kind", r"(annotator|rater|worker|judge)_(kind|type|role)$", 0.95),
    ("seconds", r".*(lead_time|time_spent|work_?time|duration|seconds|elapsed|time_taken|latency|dwell).*", 0.85),
    ("started_at", r".*(started|start_time|accept_?time|begin|opened_at).*|start$", 0.8),
    (
        "ended_at",
        r".*(submitted|submit_?time|completed_at|timestamp|tstamp|created_at|ended|end_time|finished|labeled_at|annotated_at|updated_at).*|(end|date|time|when)$",
        0.75,
    ),
    (
        "shown_first",
        r"(shown_first|first_shown|presented_(left|first)|left_is|a_is_left|a_first|is_swapped|swapped|flipped|position_a|position_of_a|order)$",
        0.8,
    ),
    ("response_a", rf"{_THING}_?{_A}$|{_A}_{_THING}$", 0.9),
    ("response_b", rf"{_THING}_?{_B}$|{_B}_{_THING}$", 0.9),
    ("model_a", rf"{_MODEL}_?{_A}$|{_A}_{_MODEL}$", 0.9),
    ("model_b", rf"{_MODEL}_?{_B}$|{_B}_{_MODEL}$", 0.9),
    ("group", r"(prompt_id|group(_id)?|ranking_id|conversation_id|thread_id|dialog(ue)?_id|topic)$", 0.75),
    ("prompt", r"(prompt|instruction|question|query|input|context|post|user_(prompt|message))(_text)?$", 0.85),
    (
        "item",
        r"(item|pair|comparison|example|question|unit|task|sample|record|orig|doc|hit|row|data|instance|pairwise)_?(id|key|idx|uid|uuid)s?$|item$",
        0.85,
    ),
    ("item", r"^(id|idx|key|uid|uuid)$", 0.65),
    ("confidence", r".*(confidence|certainty).*", 0.8),
    ("reason", r"(reason|rationale|justification|comment|explanation|critique|reasoning)s?$", 0.8),
    ("batch", r"(batch|round|pool|project|campaign|wave)(_id|_name)?$", 0.75),
    ("annotator", r".*(worker|annotator|rater|labell?er|evaluator|completed_by|crowd_?worker|judge).*", 0.85),
    ("annotator", r"(user|person|email|reviewer|expert|participant|coder)(_id|_name|s)?$", 0.65),
    (
        "label",
        r"(winner|choice|preference|preferred|selected|label|verdict|vote|chosen_side|judge?ment|overall_preference|annotation|pref|better)$",
        0.9,
    ),
    ("label", r".*(winner|choice|preference|preferred|selected|label|verdict|vote).*", 0.7),
    ("label", r".*(strength|likert|score|rating|margin|response|answer|grade).*", 0.6),
)
_WIDE = re.compile(
    r"(annotator|rater|worker|judge|coder|label|vote|rating|choice|preference|labeler|evaluator)_?\d+(_(label|choice|vote|rating))?$"
)


_SIDES = {
    "a",
    "b",
    "left",
    "right",
    "first",
    "second",
    "0",
    "1",
    "2",
    "true",
    "false",
    "yes",
    "no",
    "ab",
    "ba",
    "response_a",
    "response_b",
    "model_a",
    "model_b",
}


@dataclass(frozen=True)
class Guess:
    """What the columns of a file seem to hold.

    Attributes
    ----------
    mapping : field -> column, or columns.
    scores : field -> how sure, 0 to 1.
    rest : columns that found no use.
    """

    mapping: dict[str, list[str]]
    scores: dict[str, float]
    rest: tuple[str, ...]

    @property
    def confident(self) -> bool:
        """Whether an item, or both responses, and a label are beyond doubt."""
        sure = {f for f, s in self.scores.items() if s >= CONFIDENT}
        return "label" in sure and ("item" in sure or {"response_a", "response_b"} <= sure)

    @property
    def holds_texts(self) -> bool:
        """Whether this is a file of texts that belong to the items of another."""
        return (
            "label" not in self.mapping
            and "item" in self.mapping
            and any(f in self.mapping for f in ("prompt", "response_a", "response_b"))
        )

    def sentence(self) -> str:
        """The mapping in words: `item is task_id, label is choice`."""
        return ", ".join(f"{field} is {' and '.join(columns)}" for field, columns in self.mapping.items())


def guess_columns(document: Document) -> Guess:
    """Guesses what each column holds; each is used once, each field takes the column that fits it best.

    A file whose columns are called as the fields themselves (`item_id`, `label`, `annotator`, `slice.language`, ...) is
    read as it says.
    """
    sample = _sample(document)
    columns = [str(c) for c in sample.columns]
    wide = [c for c in columns if _WIDE.search(_plain_name(c)) and _Look.at(sample[c]).could_be_label]
    named = {ALIASES.get(c, c): [c] for c in columns if ALIASES.get(c, c) in FIELDS or c.startswith(("slice.", "dim."))}
    whole = "label" in named and ("item" in named or {"response_a", "response_b"} <= set(named))
    of_texts = "item" in named and "response_a" in named and "label" not in named and len(wide) < 2
    if whole or of_texts:
        return Guess(named, dict.fromkeys(named, 1.0), tuple(c for c in columns if [c] not in named.values()))
    looks = {c: _Look.at(sample[c]) for c in columns}
    scored = [
        (score, -i, field, column)
        for i, column in enumerate(columns)
        for field, score in _scores(column, looks[column]).items()
    ]
    mapping: dict[str, list[str]] = {}
    scores: dict[str, float] = {}
    for score, _, field, column in sorted(scored, reverse=True):
        if field not in mapping and [column] not in mapping.values():
            mapping[field], scores[field] = [column], score
    for one, other in (("response_a", "response_b"), ("model_a", "model_b")):
        if (one in mapping) != (other in mapping):
            mapping.pop(one, None), mapping.pop(other, None)
    _prefer_repeated_item(mapping, scores, looks, columns)
    if len(wide) > 1 and scores.get("label", 0) < 0.9:
        mapping = {f: c for f, c in mapping.items() if not set(c) & set(wide)}
        mapping["label"], scores["label"] = wide, 0.8
        mapping.pop("annotator", None)
    order = {f: i for i, f in enumerate(FIELDS)}
    mapping = dict(sorted(mapping.items(), key=lambda kv: order.get(kv[0], 99)))
    used = {c for group in mapping.values() for c in group}
    return Guess(mapping, {f: scores[f] for f in mapping}, tuple(c for c in columns if c not in used))


def _prefer_repeated_item(
    mapping: dict[str, list[str]], scores: dict[str, float], looks: Mapping[str, _Look], columns: list[str]
) -> None:
    """Where annotators are named, an id that differs in every row is that of the judgement; an id that repeats is that
    of the item.
    """
    if "item" not in mapping or "annotator" not in mapping or looks[mapping["item"][0]].share_distinct < 1.0:
        return
    used = {c for f, group in mapping.items() for c in group if f not in ("group",)}
    others = [
        (s["item"], c)
        for c in columns
        if c not in used and "item" in (s := _scores(c, looks[c])) and looks[c].share_distinct < 1.0
    ]
    if others:
        mapping.setdefault("annotation_id", mapping["item"])
        scores.setdefault("annotation_id", 0.5)
        scores["item"], column = max(others)
        mapping["item"] = [column]


@dataclass(frozen=True)
class _Look:
    """What the values of a column could be."""

    share_distinct: float
    distinct: int
    rows: int
    longest: int
    numeric: float
    moments: float
    sides: bool

    @classmethod
    def at(cls, values: pd.Series) -> _Look:
        text = values.astype(object).map(as_text).dropna()
        text = text[text != ""]
        if len(text) == 0:
            return cls(0.0, 0, 0, 0, 0.0, 0.0, False)
        numbers = pd.to_numeric(text, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        moments = to_moment(values if values.dtype != object else text)
        sides = bool(text.str.casefold().isin(_SIDES).all())
        share = float(np.mean(~np.isnat(moments[: len(text)])))
        return cls(
            text.nunique() / len(text),
            text.nunique(),
            len(text),
            int(text.map(len).max()),
            float(np.mean(numbers >= 0)),
            share,
            sides,
        )

    @property
    def could_be_label(self) -> bool:
        return 0 < self.distinct <= max(12, self.rows // 20) and self.distinct <= 40 and self.longest <= 60

    def could_be(self, field: str) -> bool:
        """Whether nothing speaks against the column holding this field."""
        if self.rows == 0:
            return False
        if field in ("label", "gold", "shown_first", "annotator_kind"):
            return (
                self.could_be_label
                and (field != "shown_first" or self.sides)
                and (field != "annotator_kind" or self.distinct <= 4)
            )
        if field in ("seconds", "confidence"):
            return self.numeric > 0.8
        if field in ("started_at", "ended_at"):
            return self.moments > 0.8
        if field == "annotator":
            return self.longest <= 120 and (self.share_distinct < 1.0 or self.rows < 5)
        if field in ("item", "group", "annotation_id", "batch", "model_a", "model_b"):
            return self.longest <= 200
        return True


def _scores(column: str, look: _Look) -> dict[str, float]:
    name = _plain_name(column)
    found: dict[str, float] = {}
    for field, pattern, score in _NAMES:
        if re.match(pattern if pattern.startswith((".*", "^")) else rf"(?:.*_)?(?:{pattern})", name) and look.could_be(
            field
        ):
            found[field] = max(found.get(field, 0.0), score)
    if "gold" in found:
        found.pop("label", None)
    if {
        "response_a",
        "response_b",
        "model_a",
        "model_b",
        "annotation_id",
        "shown_first",
        "annotator",
        "confidence",
        "seconds",
        "annotator_kind",
    } & set(found):
        found = {f: s for f, s in found.items() if f != "label" or s >= 0.9}
    return found


def _plain_name(column: str) -> str:
    """`Answer.workerId` as `answer_worker_id`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    return re.sub(r"[^a-z0-9]+", "_", spaced.casefold()).strip("_")


def _sample(document: Document) -> pd.DataFrame:
    if isinstance(document.content, ParquetTable):
        return document.content.head(SAMPLE)
    if document.shape == "records":
        return Document(document.name, "records", document.records[:SAMPLE]).table
    return document.table.head(SAMPLE)
