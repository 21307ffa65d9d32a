"""Where methods differ from each other, and where one contradicts the gold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.aggregation.contract import UNDECIDED, Aggregation
from workbench.aggregation.registry import METHODS
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.scales import NULL

LISTED = 1_000
"""Items listed in a table; their number and positions are always given."""


@dataclass(frozen=True, eq=False)
class Differences:
    """Items on which something differs.

    Attributes
    ----------
    positions : int64: all such items, those worth a look first.
    frame : the first `LISTED` of them: `item_id`, the methods' labels, `gold`, `p_gold` (chance the method gives the
        gold label's direction), `judgements`.
    direction_only : whether labels that differ in strength alone count as alike.
    """

    positions: np.ndarray
    frame: pd.DataFrame
    direction_only: bool


def against_gold(
    data: AnnotationSet, results: Mapping[str, Aggregation], method: str, *, direction_only: bool = True
) -> Differences:
    """Items whose label by one method is not the gold one, the surest contradictions first.

    A sure contradiction is either a hard item or a gold label that is wrong. Items whose gold was given to the method
    cannot contradict it.

    Parameters
    ----------
    results : labels of all methods looked at.
    method : the one held against gold.
    direction_only : let strength pass: A>> beside a gold of A> does not count.
    """
    result, gold = results[method], data.gold
    codes = data.scale.direction_table() if direction_only else np.append(np.arange(len(data.scale)), NULL)
    found = np.flatnonzero(
        (gold != NULL) & (result.label != NULL) & ~result.clamped & (codes[gold] != codes[result.label])
    )
    found = found[np.argsort(_p_gold(data, result, found), kind="stable")]
    return Differences(found, _frame(data, results, found[:LISTED], result), direction_only)


def methods_differ(
    data: AnnotationSet, results: Mapping[str, Aggregation], method: str, *, direction_only: bool = True
) -> Differences:
    """Items on which some method that decides gives another label than this one, the least sure first.

    Parameters
    ----------
    results : labels of all methods looked at.
    method : the one the others are held against.
    direction_only : let strength pass.
    """
    own = results[method]
    codes = data.scale.direction_table() if direction_only else np.append(np.arange(len(data.scale)), NULL)
    differs = np.zeros(len(data.items), bool)
    for name, other in results.items():
        if name != method:
            differs |= (other.label != NULL) & (own.label != NULL) & (codes[other.label] != codes[own.label])
    found = np.flatnonzero(differs)
    found = found[np.argsort(own.direction_confidence[found], kind="stable")]
    return Differences(found, _frame(data, results, found[:LISTED], own), direction_only)


def in_few_columns(
    found: Differences, method: str, results: Mapping[str, Aggregation]
) -> tuple[pd.DataFrame, list[str]]:
    """The listed items as a page shows them: methods that say the same on all of them share a column, chances are in
    whole per cent.

    Parameters
    ----------
    method : the one the table is about; its column comes first.
    results : labels of all methods looked at.

    Returns
    -------
    The frame, what is known of each item before the other methods; and titles of the methods that say what `method`
    says, which get no column.
    """
    frame, own = found.frame, METHODS[method].title
    alike: dict[tuple, list[str]] = {}
    for name in results:
        title = METHODS[name].title
        alike.setdefault(tuple(frame[title].fillna("")), []).append(title)
    same = next((titles for titles in alike.values() if own in titles), [own])
    known = [name for name in ("gold", own, "p_gold", "confidence", "judgements") if name in frame]
    shown = frame[["item_id", *known]].copy()
    for name in ("p_gold", "confidence"):
        if name in shown:
            shown[name] = shown[name].round(2)
    for titles in alike.values():
        if own not in titles:
            shown[", ".join(titles)] = frame[titles[0]]
    return shown, [title for title in same if title != own]


def undecided_items(result: Aggregation, reason: str) -> np.ndarray:
    """Items without a label, for `no judgement` or `tied`, by position."""
    return np.flatnonzero(result.undecided == UNDECIDED.index(reason))


def _p_gold(data: AnnotationSet, result: Aggregation, items: np.ndarray) -> np.ndarray:
    """Chance the method gives the direction of the gold label."""
    table = data.scale.direction_table()[:-1]
    alike = table[None] == data.scale.direction_table()[data.gold[items]][:, None]
    chance: np.ndarray = np.where(data.gold[items] == NULL, np.nan, (result.posterior[items] * alike).sum(1))
    return chance


def _frame(
    data: AnnotationSet, results: Mapping[str, Aggregation], items: np.ndarray, own: Aggregation
) -> pd.DataFrame:
    names = np.array([*data.scale.labels, None], object)
    columns: dict[str, object] = {"item_id": data.items["item_id"].to_numpy()[items]}
    columns |= {METHODS[name].title: names[result.label[items]] for name, result in results.items()}
    if (data.gold != NULL).any():
        columns |= {"gold": names[data.gold[items]], "p_gold": _p_gold(data, own, items)}
    columns["confidence"] = own.direction_confidence[items]
    columns["judgements"] = np.diff(data.codes.starts)[items]
    return pd.DataFrame(columns)
