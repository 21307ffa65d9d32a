"""A finished guess looked at as a whole: whether each column that has a use can be what it is taken for.

Judgements hang together in a way that little else does: the same things are judged by several people, what they say
varies within a thing and within a person, and everything else in a row belongs to the thing, to the person or to that
one judgement. A guess that breaks this is asked about. The columns that have no use are looked at in
`workbench.formats.tables.columns_left_over`.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.errors import first_five
from workbench.formats.tables.column_assignment import PAIRED, Assignment
from workbench.formats.tables.column_names import FIGURES, MODELS, OWN_ID, WINNER, fields_named, plain_name
from workbench.formats.tables.doubt import Doubt, doubt_about

_MOST_WORDS_OF_A_NAME, _LONGEST_NAME = 4.0, 80
_NAMED_AT_LEAST, _OFTEN = 0.5, 0.1
_MAY_BE_A_THING = re.compile(r"(?:^|_)(?:source|subject|session|visitor|who|username|code)s?(?:_|$)")
"""Names of columns that name a person in one file and what was judged in another."""
_ENOUGH_ITEMS, _ENOUGH_ROWS = 4, 5
_MOST_LABELS, _NAMED_AS_ONE = 12, 0.9
_COUNTED = re.compile(r"vote|count|likes?$|times|total|number", re.I)
_FEW_NUMBERS = 3
_CRITERION = re.compile(
    r"help|harm|honest|truth|correct|accura|complet|coheren|relevan|fluen|clar|concis|depth|creativ|style|tone|safe|"
    r"toxic|bias|faithful|inform|engag|natural|gramma|overall|quality|verbos|instruct|origin|feasib|simpl|specif|"
    r"factual|consist|useful|readab|adequa|understand|interest|empath|polite|detail|format|logic|reason",
    re.I,
)
_PERSON = re.compile(
    r"rater|annotator|worker|judge|coder|label+er|evaluator|grader|reviewer|expert|human|user|crowd|gpt|claude|llama|"
    r"gemini|gemma|mi[sx]tral|qwen|deepseek|command|^w\d|^r\d|^[A-Z]|\d$|@"
)
_RATED = re.compile(
    r"gpt|claude|llama|gemini|mi[sx]tral|qwen|deepseek|(?:^|_)(?:model|system|output|response|answer)(?:_|\d|$)"
)
"""Names of columns that are called as a model, or as what it wrote."""


def role_doubts(found: Assignment) -> list[Doubt]:
    """Every doubt about the columns that have a use, the weightiest first."""
    checks = (
        _label_is_empty,
        _label_counts_rows,
        _label_is_a_condition,
        _label_is_a_model,
        _labels_are_counts,
        _columns_are_rated,
        _names_are_criteria,
        _person_is_text,
        _person_is_a_thing,
        _item_is_an_answer,
        _texts_of_an_item_differ,
        _gold_differs_within_an_item,
    )
    return [doubt for check in checks if (doubt := check(found)) is not None]


def identity(found: Assignment) -> list[str]:
    """The columns that make the item."""
    if "item" in found.mapping:
        return list(found.mapping["item"])
    return [c for f in (*PAIRED, "prompt") for c in found.mapping.get(f, ())]


def told_as_item(found: Assignment, columns: str) -> dict[str, str]:
    """The mapping that makes these columns the item, with the pair beside it, which naming an item would leave out."""
    return {"item": columns} | {f: found.mapping[f][0] for f in PAIRED if f in found.mapping}


def item_beside(found: Assignment) -> dict[str, str]:
    """The only id of a thing, to be named with the label where nothing else names what was judged."""
    if {"item", "response_a", "model_a", "winner"} & set(found.mapping):
        return {}
    ids = [c for c in found.looks if c not in found.used() and OWN_ID.fullmatch(plain_name(c))]
    return {"item": ids[0]} if len(ids) == 1 else {}


def codes(found: Assignment, columns: list[str]) -> np.ndarray:
    """A number for each row, the same where these columns have the same values."""
    frame = pd.DataFrame({c: found.text(c).astype(str) for c in columns})
    return np.asarray(frame.groupby(columns, sort=False, dropna=False).ngroup())


def _one(found: Assignment, field: str) -> str:
    """The only column of a field; empty where it has none or several."""
    columns = found.mapping.get(field, [])
    return columns[0] if len(columns) == 1 else ""


# ------------------------------------------------------------ the label


def _label_is_empty(found: Assignment) -> Doubt | None:
    """A column that is called as the judgement by all means is empty, and another one took its place."""
    label = _one(found, "label")
    held = fields_named(label).get("label", 0.0) if label else 0.0
    empty = [c for c, look in found.looks.items() if look.rows == 0 and fields_named(c).get("label", 0.0) >= 0.7]
    if not empty or held >= max(fields_named(c)["label"] for c in empty) or "winner" in found.mapping:
        return None
    return doubt_about("label", f"{first_five(empty)} should hold the judgements by name, and no row has a value there")


def _label_counts_rows(found: Assignment) -> Doubt | None:
    """Another number in each row: a row's number, an amount, no judgement."""
    label = _one(found, "label")
    if not label:
        return None
    look = found.looks[label]
    if not look.all_numbers or look.rows < _ENOUGH_ROWS or look.distinct < look.rows:
        return None
    return doubt_about("label", f"{label!r} has another number in each row: it counts the rows rather than judges them")


def _label_is_a_condition(found: Assignment) -> Doubt | None:
    """Each item has each value equally often, which outcomes never have and conditions or repeat numbers always."""
    label, about = _one(found, "label"), identity(found)
    if not label or not about or label in about:
        return None
    look = found.looks[label]
    if look.sides or found.scores["label"] >= _NAMED_AS_ONE:
        return None
    if not 1 < look.distinct <= _MOST_LABELS or look.rows < len(found.sample):
        return None
    table = pd.crosstab(codes(found, about), found.text(label).astype(str)).to_numpy()
    if len(table) < _ENOUGH_ITEMS or table.min() != table.max():
        return None
    return doubt_about(
        "label",
        f"every item has each value of {label!r} ({first_five(sorted(set(look.texts)))}) equally often: it numbers"
        " repeats or names conditions rather than judges",
    )


def _label_is_a_model(found: Assignment) -> Doubt | None:
    """The label is called as the model that gave an answer, and no two models were compared."""
    label = _one(found, "label")
    if not label or WINNER.search(plain_name(label)) or "model_a" in found.mapping or "response_a" in found.mapping:
        return None
    if not MODELS.search(plain_name(label)) or found.looks[label].sides or found.looks[label].all_numbers:
        return None
    if re.search(r"win|won|best|better|prefer|chosen|select|vote", plain_name(label)):
        return None
    words = first_five(sorted(set(found.looks[label].texts)))
    return doubt_about(
        "label",
        f"{label!r} is called as the model that gave an answer ({words}) and not as what was said of it",
        ("it names the model that won", {"label": label}),
    )


def _labels_are_counts(found: Assignment) -> Doubt | None:
    """Several columns of whole numbers called as votes: how many there were, rather than one of each person."""
    labels = found.mapping.get("label", [])
    if len(labels) < 2 or not all(_COUNTED.search(plain_name(c)) and found.looks[c].all_numbers for c in labels):
        return None
    numbers = {float(t.replace(",", ".")) for c in labels for t in found.looks[c].texts}
    if len(numbers) <= _FEW_NUMBERS or any(n != int(n) or n < 0 for n in numbers):
        return None
    return doubt_about(
        "label",
        f"{first_five(labels)} hold {len(numbers)} different whole numbers, up to {max(numbers):g}: they may say how"
        " many votes there were rather than what each person said; counts have no people in them to audit",
        ("each column is one person's rating", {"label": ",".join(labels)}),
    )


def _columns_are_rated(found: Assignment) -> Doubt | None:
    """Several columns of numbers called as models: ratings of what each model wrote, or by each model as a judge."""
    labels = found.mapping.get("label", [])
    if len(labels) < 2 or not all(found.looks[c].all_numbers for c in labels):
        return None
    if not all(_RATED.search(plain_name(c)) for c in labels) or any("judge" in plain_name(c) for c in labels):
        return None
    return doubt_about(
        "label",
        f"{first_five(labels)} may be ratings by these models, or ratings of what each of them wrote",
        ("each column is one judge", {"label": ",".join(labels)}),
    )


def _names_are_criteria(found: Assignment) -> Doubt | None:
    """Judgements listed by name, where the names are what was asked rather than who answered."""
    if not found.nesting.by_name or found.nesting.field is None:
        return None
    who, label = f"{found.nesting.field}.who", _one(found, "label")
    if found.mapping.get("annotator") != [who] or not label:
        return None
    names = sorted(set(found.looks[who].texts))
    questions = [n for n in names if _CRITERION.search(n) or (found.looks[label].flags and "_" in n)]
    if 2 * len(questions) < len(names) or any(_PERSON.search(n) for n in names):
        return None
    item = ",".join([*found.mapping.get("item", ()), who])
    return doubt_about(
        "annotator item",
        f"the entries of {found.nesting.field!r} are listed under {first_five(names)}: these seem to be what was asked"
        " rather than who was asked",
        ("they are questions, each judged by itself", {"item": item, "annotator": ""}),
        ("they are judges", {"annotator": who}),
    )


# ------------------------------------------------------------ the person


def _person_is_text(found: Assignment) -> Doubt | None:
    """The column of the person holds sentences, or is empty in most rows."""
    who = _one(found, "annotator")
    if not who:
        return None
    look = found.looks[who]
    nobody = ("nobody is named", {"annotator": ""})
    if look.words_each > _MOST_WORDS_OF_A_NAME or look.longest > _LONGEST_NAME:
        return doubt_about(
            "annotator", f"{who!r} holds texts (such as {look.texts[0][:40]!r}) and no names of people", nobody
        )
    if look.rows < _NAMED_AT_LEAST * len(found.sample):
        filled = f"{look.rows:,} of {len(found.sample):,}"
        return doubt_about(
            "annotator",
            f"{who!r} would name who judged, and only {filled} rows have a value there",
            ("it names who judged", {"annotator": who}),
            nobody,
        )
    return None


def _person_is_a_thing(found: Assignment) -> Doubt | None:
    """A column that may as well name what was judged, where no two of its values ever judge the same."""
    who, about = _one(found, "annotator"), identity(found)
    if not who or not about or who in about or not _MAY_BE_A_THING.search(plain_name(who)):
        return None
    people = found.text(who).groupby(codes(found, about)).nunique()
    if (people > 1).any() or len(people) < 2:
        return None
    return doubt_about(
        "annotator",
        f"{who!r} may name who judged or what was judged, and no two of its values ever judged the same item",
        ("it names who judged", {"annotator": who}),
        ("it does not, and nobody is named", {"annotator": ""}),
    )


# ------------------------------------------------------------ the item


def _item_is_an_answer(found: Assignment) -> Doubt | None:
    """The column taken for the item is called as a question, or as a figure."""
    item = _one(found, "item")
    if not item:
        return None
    if item.strip().endswith("?") and found.looks[item].could_be_label:
        return doubt_about("item label", f"{item!r} is a question, and its cells are answers to it")
    if FIGURES.search(plain_name(item)) and found.looks[item].all_numbers:
        return doubt_about("item", f"{item!r} holds figures and does not name what was judged")
    return None


def _texts_of_an_item_differ(found: Assignment) -> Doubt | None:
    """The same id stands beside several prompts: then it is coarser than what was judged."""
    item, prompt = _one(found, "item"), _one(found, "prompt")
    if not item or not prompt or item == prompt or not found.looks[prompt].texts_like:
        return None
    texts = found.text(prompt).groupby(found.text(item)).nunique()
    several = texts[texts > 1]
    if len(texts) == 0 or len(several) <= _OFTEN * len(texts):
        return None
    return doubt_about(
        "item",
        f"{item!r} is the same for several texts of {prompt!r} ({len(several):,} of {len(texts):,} ids, such as"
        f" {str(several.index[0])!r})",
        ("each text is an item of its own", {"item": f"{item},{prompt}"}),
        ("the id is the item", {"item": item}),
    )


def _gold_differs_within_an_item(found: Assignment) -> Doubt | None:
    """A right answer belongs to the item: one that differs between its rows is another judgement."""
    gold, about = _one(found, "gold"), identity(found)
    if not gold or not about or "exchanged" in found.mapping or "shown_first" in found.mapping:
        return None
    answers = found.text(gold).groupby(codes(found, about)).nunique()
    if (answers > 1).sum() <= max(1, _OFTEN * len(answers)):
        return None
    return doubt_about(
        "gold label",
        f"{gold!r} would hold the right answers, and differs between the rows of {int((answers > 1).sum()):,} of"
        f" {len(answers):,} items",
        ("it is no right answer", {"gold": ""}),
        ("it is the judgement", {"label": gold}),
    )
