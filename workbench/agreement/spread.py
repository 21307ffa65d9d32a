"""How items, annotators and judgements lie along the sliders of a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.agreement.choice import week_of
from workbench.agreement.ranges import Ranges
from workbench.dataset.annotation_set import AnnotationSet

_BINS = 30


@dataclass(frozen=True)
class Along:
    """How many lie where along a slider whose values stand at equal distances.

    Attributes
    ----------
    counts : (each x (values - 1) + 1,) from the first value on; the last counts what is at the last value or beyond.
    each : parts between two values.
    """

    counts: np.ndarray
    each: int

    def outside(self, first: int, last: int | None = None) -> np.ndarray:
        """The counts of what lies before one value of the slider, or after another, by their places; 0 elsewhere.

        >>> along([1, 1, 4, 9], [1, 3, 5]).outside(1).sum()
        np.int64(2)
        """
        at = np.arange(len(self.counts))
        out = at < first * self.each
        if last is not None:
            out |= at > last * self.each
        return np.where(out, self.counts, 0)


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What lies along each slider; None where there is no such slider, or where that is not at hand.

    Attributes
    ----------
    items : by their labels.
    annotators : by the labels they gave.
    judgements : by their seconds.
    weeks : judgements by their week.
    """

    items: Along | None = None
    annotators: Along | None = None
    judgements: Along | None = None
    weeks: Along | None = None


def along(values: Sequence[float] | np.ndarray, steps: Sequence[float]) -> Along:
    """Counts values along a slider with these steps; what is beyond an end is counted there.

    >>> along([1, 1, 4, 9], [1, 3, 5]).counts[[0, -1]].tolist()
    [2, 1]
    """
    each = max(_BINS // max(len(steps) - 1, 1), 1)
    places = np.interp(np.asarray(values, float), np.asarray(steps, float), np.arange(len(steps)) * float(each))
    return Along(np.bincount(places.astype(np.int64), minlength=each * (len(steps) - 1) + 1), each)


def spread(data: AnnotationSet, r: Ranges) -> Spread:
    """What lies along the sliders that these ranges make.

    >>> from workbench.agreement.ranges import ranges
    >>> from workbench.simulation.simulate import simulate
    >>> data = simulate(500, seed=1).data
    >>> int(spread(data, ranges(data)).items.counts.sum()) == int((np.diff(data.codes.starts) > 0).sum())
    True
    """
    codes = data.codes
    on_item, given = np.diff(codes.starts), np.bincount(codes.annotator, minlength=codes.n_annotators)
    seconds = data.annotations["seconds"].to_numpy()
    weeks = week_of(data.annotations["ended_at"].to_numpy())
    days = (weeks[~np.isnat(weeks)] - np.datetime64(r.weeks[0])).astype(np.int64) if r.weeks else np.empty(0)
    return Spread(
        items=along(on_item[on_item > 0], r.labels_per_item) if len(r.labels_per_item) > 1 else None,
        annotators=along(given[given > 0], r.labels_per_annotator) if len(r.labels_per_annotator) > 1 else None,
        judgements=along(seconds[np.isfinite(seconds)], r.seconds) if len(r.seconds) > 1 else None,
        weeks=along(days / 7, range(len(r.weeks))) if len(r.weeks) > 1 else None,
    )
