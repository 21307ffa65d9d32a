"""Which judgements a measure looks at: what the sliders and filters of the Agreement page set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.dataset.annotation_set import KINDS, AnnotationSet
from workbench.errors import WorkbenchError, first_five

WEEK = np.timedelta64(7, "D")
_MONDAY = np.datetime64("1970-01-05", "D")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A selection of judgements; the default takes all.

    Attributes
    ----------
    min_labels_per_item : items with fewer labels, after all other filters, are set aside.
    min_labels_per_annotator : annotators with fewer labels in the data are set aside.
    min_seconds : judgements faster than this are set aside. A judgement without a time stays: unknown is not fast.
    kinds : kinds of annotator to keep (`human`, `expert`, `ai`); None = all.
    slices : (slice column, values to keep) pairs; an item must satisfy all.
    weeks : first and last day (ISO dates) of the judgements to keep; None = all. A judgement without a date is
        set aside when this is given.
    without : ids of annotators to leave out.
    direction : ignore strength: A, tie or B.
    symmetric : count each item in both orientations, half each, so that a coefficient does not depend on which response
        is called A. Chance agreement then supposes both sides equally likely. It changes nothing for labels without
        sides.

    >>> Choice(min_seconds=5) == Choice(min_seconds=5.0)
    True
    """

    min_labels_per_item: int = 1
    min_labels_per_annotator: int = 1
    min_seconds: float = 0.0
    kinds: tuple[str, ...] | None = None
    slices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    weeks: tuple[str, str] | None = None
    without: tuple[str, ...] = ()
    direction: bool = False
    symmetric: bool = False

    def __post_init__(self) -> None:
        unknown = set(self.kinds or ()) - set(KINDS)
        if unknown:
            raise WorkbenchError(
                f"There is no kind of annotator called {first_five(sorted(unknown))}.",
                f"Choose among {', '.join(KINDS)}.",
            )

    def kept(self, data: AnnotationSet) -> tuple[np.ndarray, dict[str, int]]:
        """Which of the first judgements (`data.codes`) are kept, before `min_labels_per_item`.

        Returns
        -------
        kept : bool (n,), or an empty array where all are.
        set_aside : reason -> judgements; each judgement counts under the first reason that applies.
        """
        from workbench.agreement.kernels import count_given, keep_of

        codes = data.codes
        kept = np.ones(0, bool)
        set_aside: dict[str, int] = {}

        def keep(mask: np.ndarray, reason: str) -> None:
            nonlocal kept
            before = len(codes) if len(kept) == 0 else np.count_nonzero(kept)
            kept = mask if len(kept) == 0 else kept & mask
            dropped = int(before - np.count_nonzero(kept))
            if dropped:
                set_aside[reason] = dropped

        if self.kinds is not None:
            of_kind = data.annotators["kind"].isin(self.kinds).to_numpy(bool)
            keep(keep_of(of_kind, codes.annotator), f"annotators other than {' and '.join(self.kinds)}")
        if self.without:
            left_out = data.annotators["annotator"].isin(self.without).to_numpy(bool)
            if left_out.sum() < len(set(self.without)):
                missing = sorted(set(self.without) - set(data.annotators["annotator"]))
                raise WorkbenchError(
                    f"There is no annotator {first_five(missing)} in this data.",
                    "Look the ids up on the Annotators page.",
                )
            keep(keep_of(~left_out, codes.annotator), "annotators left out")
        for column, values in self.slices:
            keep(
                _in_slice(data, column, values)[codes.item],
                f"outside {column.removeprefix('slice.')} = {first_five(values)}",
            )
        if self.weeks is not None:
            first, last = (np.datetime64(day, "D") for day in self.weeks)
            moment = data.annotations["ended_at"].to_numpy()
            keep(
                codes.of_rows((moment >= first) & (moment < last + 1)), f"outside {first} to {last}, or without a date"
            )
        if self.min_seconds > 0:
            fast = data.annotations["seconds"].to_numpy() < self.min_seconds
            keep(codes.of_rows(~fast), f"faster than {self.min_seconds:g} seconds")
        if self.min_labels_per_annotator > 1:
            enough = count_given(codes.annotator, kept, codes.n_annotators) >= self.min_labels_per_annotator
            keep(
                keep_of(enough, codes.annotator), f"annotators with fewer than {self.min_labels_per_annotator:,} labels"
            )
        return (kept if set_aside else np.ones(0, bool)), set_aside


def _in_slice(data: AnnotationSet, column: str, values: tuple[str, ...]) -> np.ndarray:
    name = column if column in data.items else f"slice.{column}"
    if name not in data.items:
        raise WorkbenchError(
            f"There is no slice column {column!r}.", f"This data has {first_five(data.slices) or 'none'}."
        )
    return data.items[name].isin(values).to_numpy(bool)


def week_of(moments: np.ndarray) -> np.ndarray:
    """Monday of the week of each moment (datetime64[D]), NaT where unknown."""
    known = ~np.isnat(moments)
    days = moments.astype("datetime64[D]")
    days[known] = _MONDAY + (days[known] - _MONDAY) // WEEK * WEEK
    return days


def week_of_items(data: AnnotationSet, kept: np.ndarray) -> np.ndarray:
    """Monday of the week in which the last judgement of each item ended (datetime64[D]), NaT where none has a date.

    Parameters
    ----------
    kept : bool (n,): judgements of `data.codes` that count; (0,) = all.
    """
    codes, undated = data.codes, np.iinfo(np.int64).min
    moments = data.annotations["ended_at"].to_numpy()[codes.row].astype("datetime64[ms]").astype(np.int64)
    if len(kept):
        moments = np.where(kept, moments, undated)
    last = np.full(codes.n_items, undated)
    some = np.flatnonzero(np.diff(codes.starts) > 0)
    if len(some):
        last[some] = np.maximum.reduceat(moments, codes.starts[some])
    return week_of(last.view("datetime64[ms]"))
