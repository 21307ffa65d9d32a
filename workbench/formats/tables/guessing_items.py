"""Which column names what was judged: the id that several annotators share, or the text that was judged."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.formats.tables.column_assignment import Assignment
from workbench.formats.tables.column_names import OWN_ID, plain_name

_NEARLY_ALL, _SEEN_AGAIN, _BEYOND_DOUBT = 0.9, 0.2, 0.9
_MANY_ROWS = 8
_CONTENT = r"response|output|text|content|reply|generation|completion|answer|sentence|utterance"


def item_from_structure(found: Assignment) -> None:
    """Of the ids, the item's is the one that several annotators share and none has twice."""
    who = found.mapping.get("annotator")
    candidates = {c: s["item"] for c, s in found.named.items() if "item" in s}
    if who or not candidates:  # without people, whatever is coarser comes again more often
        candidates |= {c: s["group"] - 0.1 for c, s in found.named.items() if "group" in s and c not in candidates}
    free = found.used() - set(found.mapping.get("item", ())) - set(found.mapping.get("group", ()))
    candidates = {c: s for c, s in candidates.items() if c not in free and fits(found, c) and _may_be_item(found, c)}
    if who and all(shared(found, c, who) <= 0 for c in candidates):
        candidates |= {c: 0.5 for c in _ids_of_things(found) if shared(found, c, who) > _SEEN_AGAIN}
    if not candidates:
        if "item" in found.mapping:
            old = found.mapping["item"][0]
            if not fits(found, old) or not _may_be_item(found, old):
                _takes_judgements(found, old)
        return
    best = max(candidates, key=lambda c: (round(shared(found, c, who), 2), candidates[c], -list(found.looks).index(c)))
    old = found.mapping.get("item", [best])[0]
    keeps = fits(found, old) and _may_be_item(found, old)
    if best != old and keeps and shared(found, best, who) <= shared(found, old, who):
        best = old
    if best != old and not _may_be_item(found, old):
        _takes_judgements(found, old)
    if best != old and found.looks[old].share_distinct == 1.0 and "annotation_id" not in found.mapping:
        found.give("annotation_id", [old], 0.5)
    found.give("item", [best], max(candidates.get(best, 0.6), 0.6))


def _ids_of_things(found: Assignment) -> list[str]:
    """Columns without a use that hold ids of a thing with a name of its own."""
    return [
        c
        for c, look in found.looks.items()
        if c not in found.used()
        and OWN_ID.fullmatch(plain_name(c))
        and look.moments <= 0.5
        and look.rows == len(found.sample)
        and fits(found, c)
    ]


def _takes_judgements(found: Assignment, column: str) -> None:
    """The column is called like the item's id and names each judgement, or each trial of a person."""
    del found.mapping["item"], found.scores["item"]
    if found.looks[column].share_distinct == 1.0 and "annotation_id" not in found.mapping:
        found.give("annotation_id", [column], 0.5)


def _may_be_item(found: Assignment, column: str) -> bool:
    """Whether a column does not number the judgements instead, or name the question that all of them answer: filled,
    not the same throughout where somebody judged several times, without the annotator's name in it, and not another
    one in each row where the same pair comes again.
    """
    if 2 * found.looks[column].rows < len(found.sample) or _the_same_throughout(found, column):
        return False
    ids = found.text(column)
    who = found.mapping.get("annotator", [])
    if who and who != [column]:
        names = found.text(who[0])
        told = [len(str(w)) > 2 and str(w) in str(i) for i, w in zip(ids, names, strict=True)]
        if np.mean(told) > _NEARLY_ALL and ids.nunique() > names.nunique():
            return False
    pair = [c for f in ("response_a", "response_b") for c in found.mapping.get(f, ())]
    if len(pair) != 2 or found.looks[column].share_distinct < 1.0:
        return True
    both = pd.DataFrame({c: found.text(c) for c in pair}).astype(str)
    content = np.sort(both.to_numpy(str), axis=1)
    content = np.column_stack([content, *(found.text(c).astype(str) for c in found.mapping.get("prompt", ()))])
    again = pd.DataFrame(content).duplicated().mean()
    return bool(again < _SEEN_AGAIN)


def _the_same_throughout(found: Assignment, column: str) -> bool:
    """Whether a column has one value, and somebody judged more than once under it."""
    if found.looks[column].distinct != 1:
        return False
    who = found.mapping.get("annotator", [])
    return bool(found.text(who[0]).duplicated().any()) if who else found.looks[column].rows >= _MANY_ROWS


def fits(found: Assignment, column: str) -> bool:
    """Whether what was judged is one and the same for each value of this column."""
    content = [c for f in ("response_a", "response_b") for c in found.mapping.get(f, ())]
    if not content:
        label = found.mapping.get("label", [""])[0]
        content = [
            c
            for c, look in found.looks.items()
            if look.texts_like
            and c not in (column, label)
            and re.search(_CONTENT, c, re.IGNORECASE)
            and "reason" not in found.named[c]
        ]
    by = found.text(column)
    for each in content:
        if each in found.used() and found.mapping.get("reason") == [each]:
            continue
        distinct = found.text(each).groupby(by).nunique()
        if len(distinct) and (distinct > 1).mean() > 0.1:
            return False
    return True


def shared(found: Assignment, column: str, who: Sequence[str] | None) -> float:
    """Share of rows whose item has several annotators, less those that repeat an annotator's judgement."""
    item = found.text(column)
    if who is None:
        return float(item.duplicated(keep=False).mean()) if found.looks[column].distinct > 1 else 0.0
    both = pd.DataFrame({"item": item, "who": found.text(who[0])})
    several = both.groupby("item")["who"].transform("nunique") > 1
    again = both.duplicated()
    return float(several.mean() - again.mean())


def names_items(found: Assignment, column: str) -> bool:
    """Whether a column says nothing but which item it is."""
    item = found.mapping.get("item")
    if item is None or found.looks[column].distinct <= 5:
        return False
    values = found.text(column)
    of = found.text(item[0])
    once = values.groupby(of).nunique().max() <= 1
    return bool(once and of.duplicated().any() and values.nunique() > 0.8 * of.nunique())


def item_from_the_only_id(found: Assignment) -> None:
    """Where nothing else names what was judged and the judgements are beyond doubt, the only id of a thing does."""
    if "item" in found.mapping or {"response_a", "winner"} & set(found.mapping):
        return
    if found.scores.get("label", 0.0) < _BEYOND_DOUBT or len(found.mapping["label"]) != 1:
        return
    ids = _ids_of_things(found)
    if len(ids) == 1:
        found.give("item", ids, 0.6)


def item_from_content(found: Assignment) -> None:
    """Without an id and a pair, the text that was judged is the item."""
    if "item" in found.mapping or {"response_a", "response_b"} <= set(found.mapping):
        return
    if {"winner", "loser"} <= set(found.mapping) or {"model_a", "model_b"} <= set(found.mapping):
        return
    texts = [
        c
        for c, look in found.looks.items()
        if look.texts_like
        and not look.lists
        and c not in found.used() - set(found.mapping.get("prompt", ()))
        and "reason" not in found.named[c]
        and _may_be_item(found, c)
    ]
    who = found.mapping.get("annotator")
    judged = [c for c in texts if shared(found, c, who) > 0 or found.looks[c].share_distinct == 1.0]
    if judged:
        best = max(judged, key=lambda c: (found.looks[c].distinct, -list(found.looks).index(c)))
        found.give("item", [best], 0.6)
