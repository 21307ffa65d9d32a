"""What is asked where no column names what was judged, or none is called as the judgement: the likeliest readings."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from workbench.errors import first_five
from workbench.formats.tables.column_assignment import Assignment
from workbench.formats.tables.column_looks import same_words
from workbench.formats.tables.column_names import ABOUT_PEOPLE, DERIVED, FIGURES, REPEATS, plain_name
from workbench.formats.tables.doubt import A_ROW_AN_ANSWER, Doubt, doubt_about
from workbench.formats.tables.reading_checks import codes, item_beside

_MOST_TRIED, _MOST_KEYS, _SHOWN, _HALF = 10, 2, 4, 0.5
_FEW_AGAIN, _SHARED, _NEARLY_ALL = 0.05, 0.2, 0.8
_BESIDE = {
    "seconds",
    "started_at",
    "ended_at",
    "confidence",
    "reason",
    "shown_first",
    "annotator_kind",
    "annotation_id",
}


def missing_roles(found: Assignment) -> list[Doubt]:
    """What to ask where the item or the label is missing; empty where nothing is, or where nothing can be offered."""
    says = {"label", "winner", "score_a"} & set(found.mapping)
    about = {"item", "response_a", "model_a", "winner"} & set(found.mapping)
    if says and not about:
        return [doubt] if (doubt := _keys_together(found)) is not None else []
    if not says:
        return [doubt] if (doubt := _criteria(found)) is not None else []
    return []


def _keys_together(found: Assignment) -> Doubt | None:
    """Columns that together name what several people judged once each."""
    label, who = found.mapping.get("label", []), found.mapping.get("annotator", [])
    if len(label) != 1 or len(who) != 1:
        return None
    keys = [
        c
        for c, look in found.looks.items()
        if c not in {label[0], who[0]}
        and look.rows == len(found.sample)
        and 1 < look.distinct < look.rows
        and not look.lists
        and look.moments <= _HALF
        and not look.texts_like
        and not found.named[c].keys() & _BESIDE
        and not any(p.search(plain_name(c)) for p in (REPEATS, ABOUT_PEOPLE, FIGURES))
    ][:_MOST_TRIED]
    people = codes(found, who)
    for size in range(1, _MOST_KEYS + 1):
        fitting = []
        for some in combinations(keys, size):
            both = pd.DataFrame({"item": codes(found, list(some)), "who": people})
            shared = (both.groupby("item")["who"].transform("nunique") > 1).mean()
            if both.duplicated().mean() <= _FEW_AGAIN and shared >= _SHARED:
                fitting.append((shared, some))
        if fitting:
            chosen = max(fitting, key=lambda each: each[0])[1]
            named, items = " and ".join(map(repr, chosen)), len(set(codes(found, list(chosen))))
            ways = [(f"{named} {'names' if size == 1 else 'name'} it ({items:,} items)", {"item": ",".join(chosen)})]
            ways += [(f"{c!r} alone names it", {"item": c}) for c in chosen if size > 1]
            return doubt_about(
                "item",
                f"no column is called as what was judged; {who[0]!r} speaks once of each value of {named}",
                *ways,
            )
    return None


def _criteria(found: Assignment) -> Doubt | None:
    """Several columns answer in the same words, and none of them is called as the judgement."""
    answers = [
        c
        for c, look in found.looks.items()
        if look.could_be_label
        and look.distinct > 1
        and look.moments <= _HALF
        and 2 * look.rows >= len(found.sample)
        and not found.named[c].keys() & (_BESIDE | {"annotator", "gold", "batch"})
        and c not in found.used()
        and not any(p.search(plain_name(c)) for p in (REPEATS, ABOUT_PEOPLE, FIGURES, DERIVED))
    ]
    alike = max(([c for c in answers if _one_vocabulary(found, first, c)] for first in answers), key=len, default=[])
    if len(alike) < _MOST_KEYS or any(c.replace(".", "").isdigit() for c in alike):  # cells in place of names
        return None
    beside = {"item": found.mapping["item"][0]} if "item" in found.mapping else item_beside(found)
    if not beside and len(alike) >= _NEARLY_ALL * len(found.looks):
        return Doubt(
            f"a row seems to be a respondent, asked about each of {first_five(alike)}",
            remedy=A_ROW_AN_ANSWER,
        )
    return doubt_about(
        "label",
        f"{first_five(alike)} answer in the same words, and no name says which of them is the judgement",
        *((f"it is {c!r} ({found.spread(c)})", {"label": c} | beside) for c in alike[:_SHOWN]),
    )


def _one_vocabulary(found: Assignment, one: str, other: str) -> bool:
    """Whether two columns answer in the same few words."""
    a, b = found.looks[one], found.looks[other]
    alike = 2 * len(a.words & b.words) >= min(len(a.words), len(b.words)) > 0
    return alike and same_words([a, b]) and a.all_numbers == b.all_numbers
