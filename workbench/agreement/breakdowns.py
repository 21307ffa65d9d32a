"""A coefficient apart for each slice, week, number of labels, and kind of annotator, each with both intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.agreement.choice import Choice, week_of_items
from workbench.agreement.intervals import estimate
from workbench.agreement.measures import coefficient
from workbench.agreement.tally import Tally, tally
from workbench.dataset.annotation_set import KINDS, AnnotationSet
from workbench.errors import WorkbenchError, first_five
from workbench.estimates import Estimate

_KEY = "krippendorff_alpha.ordinal"


def by_slice(
    data: AnnotationSet, column: str, key: str = _KEY, choice: Choice | None = None, *, confidence: float = 0.95
) -> dict[str, Estimate]:
    """The coefficient for the items of each value of a slice column, in the order of the values.

    Parameters
    ----------
    column : a slice column, with or without its prefix `slice.`, or another column of `data.items` such as `model_a`.
    key : which coefficient, as in `workbench.agreement.COEFFICIENTS`.

    Raises
    ------
    WorkbenchError
        There is no such column.
    """
    name = f"slice.{column}" if f"slice.{column}" in data.items else column
    if name not in data.items:
        raise WorkbenchError(
            f"There is no slice column {column!r}.", f"This data has {first_five(data.slices) or 'none'}."
        )
    codes, values = pd.factorize(data.items[name], sort=True)
    return _of_parts(tally(data, choice), codes, [str(v) for v in values], key, confidence)


def by_week(
    data: AnnotationSet, key: str = _KEY, choice: Choice | None = None, *, confidence: float = 0.95
) -> dict[str, Estimate]:
    """The coefficient week by week; the key of a week is its Monday.

    An item belongs to the week in which its last used judgement ended. Items without any date are left out; without
    dates at all the result is empty.
    """
    if len(data.codes) == 0:
        return {}
    t = tally(data, choice)
    weeks, mondays = pd.factorize(week_of_items(data, t.judgements.kept), sort=True)
    return _of_parts(t, weeks, [str(np.datetime64(m, "D")) for m in mondays], key, confidence)


def by_label_count(
    data: AnnotationSet | Tally, key: str = _KEY, choice: Choice | None = None, *, confidence: float = 0.95
) -> dict[str, Estimate]:
    """The coefficient for the items with two labels, with three, and so on: are contested items labelled more often?"""
    t = tally(data, choice)
    sizes = np.unique(t.sizes[(t.sizes >= 2) & (t.frequency > 0)])
    number = np.append(np.where(t.sizes >= 2, np.searchsorted(sizes, t.sizes), -1), -1)
    of_item = np.full(len(t.pattern), -1)
    of_item[t.items] = number[t.pattern[t.items]]
    return _of_parts(t, of_item, [str(size) for size in sizes], key, confidence)


def by_kind(
    data: AnnotationSet, key: str = _KEY, choice: Choice | None = None, *, confidence: float = 0.95
) -> dict[str, Estimate]:
    """The coefficient among annotators of each kind in the data: humans among themselves, experts, AI judges."""
    from dataclasses import replace

    present = [kind for kind in KINDS if (data.annotators["kind"] == kind).any()]
    found = {}
    for kind in present:
        t = tally(data, replace(choice or Choice(), kinds=(kind,)))
        found[kind] = estimate(t, coefficient(key, t), confidence)
    return found


def to_frame(estimates: Mapping[str, Estimate]) -> pd.DataFrame:
    """Estimates by name as a table: `name`, `value`, `low` and `high` of each crew, `n`, `n_set_aside`, `reason`; NaN
    where there is none.
    """

    def bounds(estimate: Estimate, crew: str) -> tuple[float, float]:
        interval = estimate.same_crew if crew == "same" else estimate.new_crew
        return (interval.low, interval.high) if interval else (np.nan, np.nan)

    rows = []
    for name, e in estimates.items():
        (same_low, same_high), (new_low, new_high) = bounds(e, "same"), bounds(e, "new")
        value = np.nan if e.value is None else e.value
        rows.append((name, value, same_low, same_high, new_low, new_high, e.n, e.n_set_aside, e.reason))
    columns = [
        "name",
        "value",
        "same_crew_low",
        "same_crew_high",
        "new_crew_low",
        "new_crew_high",
        "n",
        "n_set_aside",
        "reason",
    ]
    return pd.DataFrame(rows, columns=columns)


def _of_parts(t: Tally, part: np.ndarray, names: list[str], key: str, confidence: float) -> dict[str, Estimate]:
    """The coefficient of each part; `part` numbers the items, -1 = in none."""
    order = np.argsort(part, kind="stable")
    bounds = np.searchsorted(part[order], np.arange(len(names) + 1))
    measure = coefficient(key, t)
    return {
        name: estimate(t.part(order[bounds[i] : bounds[i + 1]]), measure, confidence) for i, name in enumerate(names)
    }
