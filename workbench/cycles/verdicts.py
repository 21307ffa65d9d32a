"""What judges of a cycle say, beside people: by principle, by judge, and how their choices are balanced."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.cycles.figure import Figure, ratio
from workbench.deliveries.delivery import Delivery
from workbench.deliveries.measures import Measure

PRINCIPLE = "principle"
"""Slice column that names the principle an item was judged by, one an item."""
FIRST = Measure("judge_first", "Judges choose the response named first", "share", "steady", "verdicts")
_MARK = "dim."


def by_principle(delivery: Delivery) -> dict[Measure, Figure]:
    """How often the judges agree with people, for each principle.

    A principle is a value of the slice `principle`, or a column `dim.NAME` of the judges' verdicts, which is held
    against the people's own `dim.NAME` where they gave one and against their choice where not.
    """
    data, part = delivery.data, delivery.part
    people = _mean_direction(delivery, ~delivery.is_ai, data.annotations["label"].to_numpy())
    judges = _mean_direction(delivery, delivery.is_ai, data.annotations["label"].to_numpy())
    found: dict[Measure, Figure] = {}
    column = next((c for c in data.slices if c.removeprefix("slice.") == PRINCIPLE), None)
    if column is not None:
        same = _same(judges, people)
        values = data.items[column].astype(object)
        for name in sorted({str(v) for v in values[values.notna()]}):
            found[_measure(name)] = _share(same, np.asarray(values.astype(str) == name), part)
    for column in (str(c) for c in data.annotations.columns if str(c).startswith(_MARK)):
        codes = _coded(delivery, data.annotations[column])
        of_judges = _mean_direction(delivery, delivery.is_ai, codes)
        theirs = _mean_direction(delivery, ~delivery.is_ai, codes)
        if np.isfinite(of_judges).any():
            against = theirs if np.isfinite(theirs).any() else people
            found[_measure(column.removeprefix(_MARK))] = _share(_same(of_judges, against), None, part)
    return {measure: figure for measure, figure in found.items() if figure.n}


def by_judge(delivery: Delivery) -> dict[str, Figure]:
    """Judge -> how often it agrees with the majority of people."""
    labels = delivery.data.annotations["label"].to_numpy()
    people = _mean_direction(delivery, ~delivery.is_ai, labels)
    found = {}
    for place in np.flatnonzero(delivery.is_ai):
        one = np.zeros(len(delivery.is_ai), bool)
        one[place] = True
        figure = _share(_same(_mean_direction(delivery, one, labels), people), None, delivery.part)
        if figure.n:
            found[str(delivery.people[place])] = figure
    return found


def balance(delivery: Delivery) -> dict[Measure, Figure]:
    """How often judges choose the response named first."""
    sign = _mean_direction(delivery, delivery.is_ai, delivery.data.annotations["label"].to_numpy())
    known = np.isfinite(sign) & (sign != 0)
    if not known.any():
        return {}
    return {FIRST: ratio((sign > 0) & known, known.astype(float), delivery.part, int(known.sum()))}


def _measure(name: str) -> Measure:
    return Measure(f"principle {name}", f"Judges agree with people: {name}", "share", "higher", "items with both")


def _share(same: np.ndarray, inside: np.ndarray | None, part: np.ndarray) -> Figure:
    known = np.isfinite(same) & (True if inside is None else inside)
    return ratio(np.where(known, same, 0.0), known.astype(float), part, int(known.sum()))


def _same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 where both prefer one side, 0 where not, NaN where either prefers none."""
    known = np.isfinite(a) & np.isfinite(b) & (a != 0) & (b != 0)
    return np.where(known, (np.sign(a) == np.sign(b)).astype(float), np.nan)


def _mean_direction(delivery: Delivery, who: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Mean sign of some annotators' labels of each item, above 0 where the first response is preferred; NaN = none."""
    rows, scale, n = delivery.data.annotations, delivery.data.scale, len(delivery.data.items)
    if not scale.has_sides:
        return np.full(n, np.nan)
    used = who[rows["annotator"].to_numpy()] & (label >= 0)
    item = rows["item"].to_numpy()[used]
    sign = np.sign(np.asarray(scale.strengths, float))[label[used]]
    many = np.bincount(item, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(many > 0, np.bincount(item, sign, n) / many, np.nan)


def _coded(delivery: Delivery, values: pd.Series) -> np.ndarray:
    """Values of a further dimension as labels of the scale, -1 where they are none."""
    place = {label: code for code, label in enumerate(delivery.data.scale.labels)}
    return np.array([place.get(str(v), -1) for v in values.astype(object)], int)
