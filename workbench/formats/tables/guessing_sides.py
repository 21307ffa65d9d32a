"""Whether labels name the sides as they were shown or as the file has them, where a column says that sides were
exchanged.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.formats.records.shown_first import exchanged_rows
from workbench.formats.tables.column_assignment import PAIRED, Assignment
from workbench.formats.tables.column_names import EXCHANGED, plain_name
from workbench.formats.tables.pair_columns import sides_by_value

_PLACES = re.compile(r"\b(?:left|right|first|second|top|bottom|upper|lower)\b")


def settle_exchanged(found: Assignment) -> str:
    """Settles what a column such as `swapped` does to the labels, as far as something in the file tells; what has to be
    asked, empty where nothing has.

    A winner named by its text or model needs nothing turned; nor do labels beside responses that are exchanged
    themselves. Labels that say left and right, or right answers that turn with the column, name the sides as shown.
    """
    column, label = (found.mapping.get(f, [""])[0] for f in ("shown_first", "label"))
    if not column or not label or not EXCHANGED.search(plain_name(column)) or len(found.mapping["label"]) > 1:
        return ""
    exchanged = exchanged_rows(found.sample[column]).to_numpy(bool)
    pairs = [[found.mapping.get(f, [""])[0] for f in two] for two in (PAIRED[:2], PAIRED[2:])]
    pairs = [pair for pair in pairs if all(pair)]
    if any(sides_by_value(*(found.sample[c] for c in (label, *pair))) is not None for pair in pairs):
        return ""
    if exchanged.all() or not exchanged.any():
        return ""
    if any(_both_ways(found, pair) for pair in pairs):
        del found.mapping["shown_first"], found.scores["shown_first"]
        return ""
    if all(_PLACES.search(word) for word in found.looks[label].words if not _is_tie(word)) or _gold_turns(
        found, exchanged
    ):
        found.give("exchanged", [column], 0.8)
        return ""
    return (
        f"{column!r} says that the sides were exchanged in {int(exchanged.sum()):,} of {len(exchanged):,} rows, and"
        f" nothing tells whether {label!r} names the sides as shown there or as in the other rows"
    )


def _is_tie(word: str) -> bool:
    return word in ("tie", "equal", "same", "draw", "neither", "both", "=")


def _both_ways(found: Assignment, pair: list[str]) -> bool:
    """Whether the two columns hold the same two things now one way round, now the other."""
    a, b = (found.text(c).astype(str) for c in pair)
    ways = set(zip(a, b, strict=True))
    return any((y, x) in ways for x, y in ways if x != y)


def _gold_turns(found: Assignment, exchanged: np.ndarray) -> bool:
    """Whether the right answer of an item is another one where the sides are exchanged, and only there."""
    item, gold = (found.mapping.get(f, [""])[0] for f in ("item", "gold"))
    if not item or not gold:
        return False
    right = pd.DataFrame({"item": found.text(item), "exchanged": exchanged, "gold": found.text(gold)})
    one_way = right.groupby(["item", "exchanged"])["gold"].nunique()
    both = right.groupby("item").agg(ways=("exchanged", "nunique"), golds=("gold", "nunique"))
    both = both[both["ways"] > 1]
    return bool((one_way <= 1).all() and len(both) and (both["golds"] > 1).mean() > 0.5)
