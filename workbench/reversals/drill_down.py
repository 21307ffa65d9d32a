"""The items and the annotators behind each kind of reversal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.dataset.annotation_set import AnnotationSet
from workbench.estimates import Estimate, Interval
from workbench.reversals.decomposition import Decomposition, decompose
from workbench.reversals.judgements import PairJudgements
from workbench.reversals.order import OrderEffect
from workbench.reversals.summary import Reversals
from workbench.statistics.multiplicity import false_discovery_adjusted
from workbench.statistics.proportions import clopper_pearson


def opposed_items(data: AnnotationSet) -> np.ndarray:
    """Items on which at least one annotator chose A and another chose B (first judgements), by position.

    Examples
    --------
    >>> from workbench.dataset.assembly import Export, assemble
    >>> rows = pd.DataFrame(
    ...     {"item_id": ["1", "1", "2", "2"], "annotator": ["x", "y"] * 2, "label": ["A", "B", "A", "="]}
    ... )
    >>> opposed_items(
    ...     assemble(
    ...         [Export(items=rows[["item_id"]], rows=rows[["annotator", "label"]], source="t", format="t", sides=True)]
    ...     )
    ... ).tolist()
    [0]
    """
    if not data.scale.has_sides:
        return np.array([], np.int64)
    codes = data.codes
    sign = np.sign(data.scale.strengths)[codes.label]
    for_a, for_b = (np.bincount(codes.item[sign == s], minlength=codes.n_items) > 0 for s in (1, -1))
    return np.flatnonzero(for_a & for_b)


def contradicted_items(data: AnnotationSet, judgements: PairJudgements, annotator: str | None = None) -> np.ndarray:
    """Items of pairs of which one annotator chose both responses, at different times.

    Parameters
    ----------
    annotator : only those of this one.
    """
    again = judgements.again
    if annotator is not None:
        again = again[data.annotators["annotator"].to_numpy()[judgements.annotator[again]] == annotator]
    cell, sign = judgements.cell[again], judgements.sign[again]
    numbers, _ = pd.factorize(cell)
    one, other = (np.bincount(numbers[sign == s], minlength=int(numbers.max(initial=-1)) + 1) > 0 for s in (1, -1))
    rows = judgements.row[again[(one & other)[numbers]]] if len(again) else np.array([], np.int64)
    return np.unique(data.annotations["item"].to_numpy()[rows])


def swayed_items(data: AnnotationSet, judgements: PairJudgements, place: str = "first") -> np.ndarray:
    """Items of pairs that an annotator judged in both orders, taking the same place both times.

    Parameters
    ----------
    place : `first` = the response shown first both times, `second` = the other.
    """
    one, two = judgements.again[:-1], judgements.again[1:]
    wanted = 1 if place == "first" else -1
    took = judgements.sign * judgements.first
    swapped = (judgements.cell[one] == judgements.cell[two]) & (judgements.first[one] * judgements.first[two] == -1)
    hit = swapped & (took[one] == wanted) & (took[two] == wanted)
    return np.unique(data.annotations["item"].to_numpy()[judgements.row[np.concatenate([one[hit], two[hit]])]])


def leaning(order: OrderEffect, level: float = 0.95) -> pd.DataFrame:
    """How often each annotator chose the response shown first, the furthest from one half first.

    Parameters
    ----------
    order : of `order_effect(data)`.
    level : of the intervals.

    Returns
    -------
    Frame with `annotator`, `n`, `first_position_rate`, `low`, `high` (Clopper-Pearson), `p_value`, and `adjusted_p`
    (Benjamini-Hochberg over all annotators: of those at 0.05 or below, about one in twenty is expected to be a false
    alarm at most).
    """
    found = order.by_annotator
    n = found["n"].to_numpy(float)
    first = np.round(found["first_position_rate"].to_numpy(float) * n)
    low, high = clopper_pearson(first, n, level)
    table = found.assign(low=low, high=high, adjusted_p=false_discovery_adjusted(found["p_value"].to_numpy(float)))
    columns = ["annotator", "n", "first_position_rate", "low", "high", "p_value", "adjusted_p"]
    return table.sort_values(["p_value", "n"], ascending=[True, False], kind="stable")[columns].reset_index(drop=True)


def leaning_estimates(table: pd.DataFrame, limit: int = 20) -> dict[str, Estimate]:
    """The first rows of `leaning` as estimates by annotator, for a chart."""
    return {
        str(row["annotator"]): Estimate(
            name="first-position rate",
            value=float(row["first_position_rate"]),
            same_crew=Interval(float(row["low"]), float(row["high"]), "same crew", "Clopper-Pearson"),
            new_crew=None,
            n=int(row["n"]),
        )
        for row in table.head(limit).to_dict("records")
    }


def repeats_for(found: Reversals, half_widths: tuple[float, ...]) -> list[Decomposition]:
    """The decomposition with the repeats needed for each of some half-widths."""
    return [decompose(found.within, found.between, found.order, half_width=h) for h in half_widths]
