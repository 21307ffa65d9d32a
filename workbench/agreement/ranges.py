"""What a choice can sensibly be set to on this data: the ends and the steps of the sliders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.agreement.choice import week_of
from workbench.dataset.annotation_set import AnnotationSet
from workbench.dataset.usable_times import usable_times

_STEPS = (1, 2, 3, 5, 7)


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Values that make a difference, from the data as they were read (never from what a filter left).

    Attributes
    ----------
    labels_per_item : 1 to the most labels of an item.
    labels_per_annotator : 1, 2, 3, 5, 7, 10, 20, ... up to what at least two annotators have given.
    seconds : 0, 1, 2, 3, 5, ... up to the median time; only 0 where the times cannot be used.
    why_no_seconds : the reason then.
    weeks : Mondays (ISO dates) of the weeks from the first judgement with a date to the last.
    kinds : kinds of annotator there are.
    items_with_overlap : items with two labels or more.
    not_looked_at : judgements no coefficient looks at, by reason: repeats, and those without a label.
    """

    labels_per_item: tuple[int, ...]
    labels_per_annotator: tuple[int, ...]
    seconds: tuple[int, ...]
    why_no_seconds: str | None
    weeks: tuple[str, ...]
    kinds: tuple[str, ...]
    items_with_overlap: int
    not_looked_at: Mapping[str, int]

    def days(self, first: str, last: str) -> tuple[str, str] | None:
        """First and last day of the weeks from one Monday to another; None where that is all of them.

        >>> Ranges(
        ...     labels_per_item=(1,),
        ...     labels_per_annotator=(1,),
        ...     seconds=(0,),
        ...     why_no_seconds=None,
        ...     weeks=("2026-03-02", "2026-03-09", "2026-03-16"),
        ...     kinds=(),
        ...     items_with_overlap=0,
        ...     not_looked_at={},
        ... ).days("2026-03-02", "2026-03-09")
        ('2026-03-02', '2026-03-15')
        """
        if not self.weeks or (first, last) == (self.weeks[0], self.weeks[-1]):
            return None
        return first, str(np.datetime64(last, "D") + 6)


def ranges(data: AnnotationSet) -> Ranges:
    """Looks the values up.

    >>> from workbench.simulation.simulate import simulate
    >>> ranges(simulate(500, seed=1).data).labels_per_item[:2]
    (1, 2)
    """
    codes = data.codes
    on_item = np.diff(codes.starts)
    given = np.bincount(codes.annotator, minlength=codes.n_annotators)
    times = usable_times(data)
    repeat = data.annotations["repeat"].to_numpy()
    moments = data.annotations["ended_at"].to_numpy()
    weeks: tuple[str, ...] = ()
    if not np.isnat(moments).all():
        first, last = week_of(np.array([np.nanmin(moments), np.nanmax(moments)]))
        weeks = tuple(str(day) for day in np.arange(first, last + 1, 7))
    present = set(data.annotators["kind"])
    return Ranges(
        labels_per_item=tuple(range(1, max(int(on_item.max(initial=1)), 1) + 1)),
        labels_per_annotator=(
            1,
            *(s for s in round_numbers(float(np.sort(given)[-2]) if len(given) > 1 else 1.0) if s > 1),
        ),
        seconds=(0, *round_numbers(times.median_seconds)) if times.usable and times.median_seconds else (0,),
        why_no_seconds=None if times.usable else times.reason,
        weeks=weeks,
        kinds=tuple(kind for kind in ("human", "expert", "ai") if kind in present),
        items_with_overlap=int((on_item >= 2).sum()),
        not_looked_at={"repeats": int((repeat > 0).sum()), "without a label": int((repeat < 0).sum())},
    )


def round_numbers(most: float) -> list[int]:
    """1, 2, 3, 5, 7, 10, 20, ... not above `most`."""
    decades = range(0, len(str(int(most))) + 1) if most >= 1 else range(0)
    return [step * 10**d for d in decades for step in _STEPS if step * 10**d <= most]
