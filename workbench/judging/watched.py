"""How often somebody is right, in bounds that hold however often one looks; a judge's share corrected for its errors.

Both are for people and judges alike: an ordinary interval looked at after every label misses sooner or later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.dataset.annotation_set import AnnotationSet
from workbench.errors import WorkbenchError
from workbench.judging.beside_people import beside_people
from workbench.judging.prediction_powered import rogan_gladen
from workbench.statistics import confidence_sequence

LEAST = 10
"""Answers below which the bounds say nothing."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Watched:
    """A share after each answer.

    Attributes
    ----------
    mean, lower, upper : float (n,): after 1, 2, ... n answers; the bounds are the tightest seen so far.
    by_time : whether the answers are in the order of their times; else in an order drawn by a fixed seed.
    level : share of streams whose bounds never miss.
    reason : why there is nothing to watch.
    """

    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    by_time: bool
    level: float = 0.95
    reason: str | None = None

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def changed(self) -> bool:
        """Whether the share surely did not stay the same: no value lies within all bounds seen so far."""
        return bool(len(self) and (self.lower[-1] > self.upper[-1]))


def agreement_watched(data: AnnotationSet, judge: str, *, level: float = 0.95) -> Watched:
    """How often does a judge give a person's direction, after each item that both judged?

    Raises
    ------
    WorkbenchError : there is no such annotator, or it shares no item with people.
    """
    found = beside_people(data, judge)
    same = found.counts[np.arange(len(found)), np.round(2 - 2 * found.said).astype(int)] / found.counts.sum(axis=1)
    order, by_time = _in_order(data, judge, found.items)
    return _watched(same[order], by_time, level)


def gold_watched(data: AnnotationSet, annotator: str, *, level: float = 0.95) -> Watched:
    """How often does somebody choose the side of the gold, after each of the gold items?

    Raises
    ------
    WorkbenchError : there is no such annotator.
    """
    names = data.annotators["annotator"].astype(str).tolist()
    if annotator not in names:
        raise WorkbenchError(f"There is no annotator {annotator[:60]!r}.", "Check the name.")
    codes = data.codes
    mine = (codes.annotator == names.index(annotator)) & (data.gold[codes.item] >= 0)
    item = codes.item[mine]
    sides = np.sign(data.scale.strengths) if data.has_pairs else np.arange(len(data.scale))
    right = (sides[codes.label[mine]] == sides[data.gold[item]]).astype(float)
    order, by_time = _in_order(data, annotator, item)
    return _watched(right[order], by_time, level)


def _watched(values: np.ndarray, by_time: bool, level: float) -> Watched:
    n = len(values)
    if n < LEAST:
        nothing = np.empty(0)
        reason = f"{n} answers that can be held against others; it takes {LEAST}"
        return Watched(mean=nothing, lower=nothing, upper=nothing, by_time=by_time, level=level, reason=reason)
    bounds = confidence_sequence(values, level=level).intersected()
    mean = np.cumsum(values) / np.arange(1, n + 1)
    return Watched(mean=mean, lower=bounds.lower, upper=bounds.upper, by_time=by_time, level=level)


def _in_order(data: AnnotationSet, who: str, items: np.ndarray) -> tuple[np.ndarray, bool]:
    """The order in which somebody judged these items."""
    rows = data.annotations
    mine = rows[rows["annotator"].to_numpy() == data.annotators["annotator"].astype(str).tolist().index(who)]
    first = mine.drop_duplicates("item").set_index("item")["ended_at"].reindex(items)
    if first.notna().all() and first.nunique() > 1:
        return np.argsort(first.to_numpy(), kind="stable"), True
    # An export's own order may go by source or by difficulty; a drawn one has the same mean everywhere.
    return np.random.default_rng(0).permutation(len(items)), False


@dataclass(frozen=True, kw_only=True)
class CorrectedShare:
    """The share of preferences for A behind a judge's own.

    Attributes
    ----------
    value : corrected by its error rates (Rogan & Gladen 1978); None where undefined.
    raw : as the judge says.
    sensitivity, specificity : how often it says A where people do, and B where they do.
    n_audited, n : items with a side from both, and items it gave a side to.
    reason : why there is none.
    """

    value: float | None
    raw: float | None
    sensitivity: float | None = None
    specificity: float | None = None
    n_audited: int
    n: int
    reason: str | None = None


def corrected_share(data: AnnotationSet, judge: str) -> CorrectedShare:
    """On what share of the items would people prefer A, by the judge's share and its error rates?

    A check beside the prediction-powered share, which needs no error rates that are the same everywhere and has an
    interval.

    Raises
    ------
    WorkbenchError : there is no such annotator, or it shares no item with people.
    """
    found = beside_people(data, judge)
    names = data.annotators["annotator"].astype(str).tolist()
    codes = data.codes
    mine = codes.annotator == names.index(judge)
    side = np.sign(data.scale.strengths)[codes.label[mine]]
    decided = side != 0
    raw = float((side[decided] > 0).mean()) if decided.any() else None
    both = (found.said != 0.5) & (found.people != 0.5)
    for_a, people_a = found.said[both] > 0.5, found.people[both] > 0.5
    counts = {"n_audited": int(both.sum()), "n": int(decided.sum())}
    if raw is None or people_a.sum() < LEAST or (~people_a).sum() < LEAST:
        reason = f"it takes {LEAST} items that people give to A, and as many to B, on which the judge chose a side"
        return CorrectedShare(value=None, raw=raw, **counts, reason=reason)
    sensitivity, specificity = float(for_a[people_a].mean()), float((~for_a[~people_a]).mean())
    made = rogan_gladen(raw, sensitivity, specificity)
    return CorrectedShare(
        value=made.value, raw=raw, sensitivity=sensitivity, specificity=specificity, **counts, reason=made.reason
    )
